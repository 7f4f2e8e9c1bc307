package org.listserv.lists;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

import org.listserv.mail.AddressSyntaxException;
import org.listserv.mail.EmailAddress;
import org.listserv.store.Audit;
import org.listserv.store.Database;

/// Names under which other archives knew a list, for links into those: a former address, a former list id, a folder of mod_mbox
/// (`httpd-dev`), a list of ezmlm-cgi (`ezmlm-cgi/3`). No mail is taken for them.
public final class FormerNames {
    private static final int LONGEST = 400;

    private final Database database;
    private final Lists lists;

    public FormerNames(Database database, Lists lists) {
        this.database = database;
        this.lists = lists;
    }

    /// The one spelling a name has: trimmed, without angle brackets, lower case.
    public static String normal(String name) {
        var bare = name.strip();
        bare = bare.startsWith("<") ? bare.substring(1) : bare;
        return (bare.endsWith(">") ? bare.substring(0, bare.length() - 1) : bare).toLowerCase(Locale.ROOT);
    }

    /// What a name may stand in the table as: an address and the list id made of it are one name.
    public static List<String> spellings(String written) {
        var name = normal(written);
        var all = new ArrayList<String>();
        all.add(name);
        if (name.indexOf('@') >= 0) {
            all.add(name.replace('@', '.'));
        } else {
            // In a list id nothing tells where the local part ends.
            for (int dot = name.indexOf('.'); dot > 0; dot = name.indexOf('.', dot + 1)) {
                all.add(name.substring(0, dot) + "@" + name.substring(dot + 1));
            }
        }
        return all;
    }

    /// The present id of a list (RFC 2919), without angle brackets.
    public static String listId(MailingList list) {
        return list.localPart() + "." + list.domain();
    }

    /// A list by its address, its list id, or a former name.
    public Optional<MailingList> find(String written) {
        var spellings = spellings(written);
        var former = database.read(connection -> owner(connection, spellings)).flatMap(lists::byId);
        if (former.isPresent()) {
            return former;
        }
        for (var spelling : spellings) {
            try {
                var list = lists.find(EmailAddress.parse(spelling));
                if (list.isPresent()) {
                    return list;
                }
            } catch (AddressSyntaxException e) {
                // a list id, or its local part ends elsewhere
            }
        }
        return Optional.empty();
    }

    public List<String> of(MailingList list) {
        return database.read(connection -> {
            try (var statement = connection.prepareStatement("select name from former_name where list_id = ? order by name")) {
                statement.setLong(1, list.id());
                var names = new ArrayList<String>();
                try (var rows = statement.executeQuery()) {
                    while (rows.next()) {
                        names.add(rows.getString(1));
                    }
                }
                return names;
            }
        });
    }

    /// The present and all former ids of a list (RFC 2919): what Pony Mail's permalinks are computed with.
    public List<String> listIds(MailingList list) {
        var ids = new ArrayList<String>();
        ids.add(listId(list));
        for (var name : of(list)) {
            var id = name.replace('@', '.');
            if (id.indexOf('.') > 0 && id.indexOf('/') < 0 && !ids.contains(id)) {
                ids.add(id);
            }
        }
        return ids;
    }

    /// @throws RefusedChange when a name is another list's, or no name at all; then none is added
    public Change add(MailingList list, Collection<String> names, String actor) {
        return database.write(connection -> {
            var change = Change.UNCHANGED;
            for (var written : names) {
                var name = normal(written);
                if (name.isEmpty() || name.length() > LONGEST || name.chars().anyMatch(c -> c <= ' ')) {
                    throw new RefusedChange("\"" + written + "\" is no name: an address, a list id, a folder of mod_mbox, or ezmlm-cgi/N");
                }
                try (var insert = connection
                        .prepareStatement("insert into former_name (name, list_id) values (?, ?) on conflict do nothing")) {
                    insert.setString(1, name);
                    insert.setLong(2, list.id());
                    if (insert.executeUpdate() > 0) {
                        Audit.record(connection, actor, "list.former-name", list.id(), name, null, Map.of());
                        change = Change.CHANGED;
                        continue;
                    }
                }
                var owner = owner(connection, List.of(name));
                if (owner.isPresent() && owner.get() != list.id()) {
                    throw new RefusedChange(name + " stands for another list already: `list names` of that one with --remove frees it");
                }
            }
            return change;
        });
    }

    public Change remove(MailingList list, Collection<String> names, String actor) {
        return database.write(connection -> {
            var change = Change.UNCHANGED;
            for (var written : names) {
                var name = normal(written);
                try (var delete = connection.prepareStatement("delete from former_name where name = ? and list_id = ?")) {
                    delete.setString(1, name);
                    delete.setLong(2, list.id());
                    if (delete.executeUpdate() > 0) {
                        Audit.record(connection, actor, "list.former-name", list.id(), name, Map.of(), null);
                        change = Change.CHANGED;
                    }
                }
            }
            return change;
        });
    }

    private static Optional<Long> owner(Connection connection, List<String> names) throws SQLException {
        try (var statement = connection.prepareStatement("select list_id from former_name where name = any (?) limit 1")) {
            statement.setArray(1, connection.createArrayOf("text", names.toArray()));
            try (var rows = statement.executeQuery()) {
                return rows.next() ? Optional.of(rows.getLong(1)) : Optional.empty();
            }
        }
    }
}
