package org.listserv.archive;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;

import org.listserv.lists.FormerNames;
import org.listserv.mail.EmailAddress;
import org.listserv.posting.LegacyId;
import org.listserv.store.Database;

/// What names that other archives gave stand for here.
public final class OldLinks {
    private static final int MOST = 50;
    /// Behind every character that an id has.
    private static final String LAST = "\uFFFF";

    private static final String BY_ID = "select d.name, l.local_part, " + Rows.postColumns("p") + """
              from legacy_id i
              join post p on p.list_id = i.list_id and p.seq = i.seq
              join list l on l.id = i.list_id
              join domain d on d.id = l.domain_id
             where i.kind = ? and i.id >= ? and i.id <= ? and
            """ + Access.READABLE + " order by d.name, l.local_part, p.seq limit " + MOST;

    private static final String BY_OLD_NUMBER = "select " + Rows.postColumns("p") + """
              from legacy_id i
              join post p on p.list_id = i.list_id and p.seq = i.seq
             where i.kind = 'ezmlm' and i.id = ? and i.list_id = $LIST
             order by p.seq
             limit 1
            """.replace("$LIST", Access.LIST_ID);

    private static final String BY_FORMER_NAME = """
            select l.local_part, d.name
              from former_name f
              join list l on l.id = f.list_id
              join domain d on d.id = l.domain_id
             where f.name = any (?) and
            """ + Access.READABLE;

    private static final String BY_ADDRESS = """
            select l.local_part, d.name
              from unnest(?::text[], ?::text[]) x(local_part, domain)
              join domain d on d.name = x.domain
              join list l on l.domain_id = d.id and l.local_part = x.local_part
             where
            """ + Access.READABLE + " limit " + MOST;

    /// Folders of mod_mbox: `httpd-dev` is dev@httpd.SOMETHING, `www-announce` announce@SOMETHING.
    private static final String BY_FOLDER = """
            select l.local_part, d.name
              from unnest(?::text[], ?::text[]) x(local_part, label)
              join list l on l.local_part = x.local_part
              join domain d on d.id = l.domain_id
               and case when x.label = 'www' then d.name !~ '[.].*[.]' else split_part(d.name, '.', 1) = x.label end
             where
            """ + Access.READABLE + " order by d.name, l.local_part limit " + MOST;

    private final Source database;

    public OldLinks(Database database) {
        this(database::readPage);
    }

    OldLinks(Source database) {
        this.database = database;
    }

    /// Posts that had this name, or a longer one where it may be shortened.
    public List<Post> byId(Reader reader, LegacyId id) {
        var last = id.mayBeShortened() ? id.id() + LAST : id.id();
        return database.read(connection -> Rows.all(connection, BY_ID,
                row -> Rows.post(row, 3, new EmailAddress(row.getString(2), row.getString(1))), id.kind(), id.id(), last,
                Access.reader(reader)));
    }

    /// The post that had this number at the old archive; empty where nothing says so.
    public List<Post> byOldNumber(Reader reader, EmailAddress list, long number) {
        return database.read(connection -> Rows.all(connection, BY_OLD_NUMBER, row -> Rows.post(row, 1, list), Long.toString(number),
                Access.list(reader, list)));
    }

    /// Lists that an old archive may have called so: by former names first, then as an address, a list id or a folder of mod_mbox.
    public List<EmailAddress> lists(Reader reader, String written) {
        var name = FormerNames.normal(written);
        return database.read(connection -> {
            var spellings = FormerNames.spellings(written);
            var former = addresses(connection, BY_FORMER_NAME, spellings.toArray(String[]::new), Access.reader(reader));
            if (!former.isEmpty() || name.isEmpty()) {
                return former;
            }
            var locals = new ArrayList<String>();
            var others = new ArrayList<String>();
            for (var spelling : spellings) {
                int at = spelling.indexOf('@');
                if (at > 0) {
                    locals.add(spelling.substring(0, at));
                    others.add(spelling.substring(at + 1));
                }
            }
            var found = byAddress(connection, reader, locals, others);
            return found.isEmpty() ? byFolder(connection, reader, name) : found;
        });
    }

    private static List<EmailAddress> byAddress(Connection connection, Reader reader, List<String> locals, List<String> domains)
            throws SQLException {
        return addresses(connection, BY_ADDRESS, locals.toArray(String[]::new), domains.toArray(String[]::new), Access.reader(reader));
    }

    private static List<EmailAddress> byFolder(Connection connection, Reader reader, String folder) throws SQLException {
        SequencedSet<String> names = new LinkedHashSet<>();
        names.add(folder);
        if (folder.startsWith("incubator-")) {
            names.add(folder.substring("incubator-".length()));
        }
        var locals = new ArrayList<String>();
        var labels = new ArrayList<String>();
        for (var name : names) {
            for (int dash = name.indexOf('-'); dash > 0; dash = name.indexOf('-', dash + 1)) {
                locals.add(name.substring(dash + 1));
                labels.add(name.substring(0, dash));
            }
        }
        return addresses(connection, BY_FOLDER, locals.toArray(String[]::new), labels.toArray(String[]::new), Access.reader(reader));
    }

    private static List<EmailAddress> addresses(Connection connection, String sql, Object... parameters) throws SQLException {
        return Rows.all(connection, sql, OldLinks::address, parameters);
    }

    private static EmailAddress address(ResultSet row) throws SQLException {
        return new EmailAddress(row.getString(1), row.getString(2));
    }
}
