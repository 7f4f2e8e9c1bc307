package org.listserv.members;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

import org.listserv.mail.EmailAddress;
import org.listserv.store.Database;

/// Who belongs to a list.
public final class Members {
    /// From the index alone; one row, so that 100,000 ids are one array and not 100,000 rows.
    private static final String RECIPIENTS = """
            select coalesce(array_agg(s.id), '{}')
              from (select id from subscription
                     where list_id = ? and kind = 'main' and mode = 'each' and state = 'active' order by id) s
            """;

    private static final String STANDING = """
            select exists (select 1 from subscription s where s.list_id = l.id and s.address_id = any (w.ids)),
                   exists (select 1 from list_access c where c.list_id = l.id and c.kind = 'allow' and c.pattern = any (l.patterns)),
                   exists (select 1 from list_access c where c.list_id = l.id and c.kind = 'deny' and c.pattern = any (l.patterns)),
                   exists (select 1 from list_role r where r.list_id = l.id and r.role in ('moderator', 'post-moderator')
                                                       and r.address_id = any (w.ids)),
                   exists (select 1 from list_role r where r.list_id = l.id and r.role = 'owner' and r.address_id = any (w.ids))
              from (select ?::bigint as id, ?::text[] as patterns) l,
                   (select array(select a.id from address a where a.normal = any (?)) as ids) w
            """;

    private static final String WITH_ROLE = """
            select distinct a.mailbox from list_role r join address a on a.id = r.address_id where r.list_id = ? and r.role = any (?) order by 1
            """;

    private final Database database;

    public Members(Database database) {
        this.database = database;
    }

    /// The subscriptions that get a copy of each post, ascending. What is read here is what "active at acceptance" means (P4).
    public long[] recipients(long list) {
        return database.read(connection -> {
            try (var ask = connection.prepareStatement(RECIPIENTS)) {
                ask.setLong(1, list);
                try (var row = ask.executeQuery()) {
                    row.next();
                    var ids = (Long[]) row.getArray(1).getArray();
                    return Stream.of(ids).mapToLong(Long::longValue).toArray();
                }
            }
        });
    }

    /// What the list knows of these addresses, taken together.
    public Standing standing(long list, Collection<EmailAddress> addresses) {
        if (addresses.isEmpty()) {
            return Standing.STRANGER;
        }
        var normal = addresses.stream().map(EmailAddress::normal).distinct().toArray();
        var patterns = Stream.concat(Stream.of(normal), addresses.stream().map(address -> "@" + address.domain())).distinct().toArray();
        return database.read(connection -> {
            try (var ask = connection.prepareStatement(STANDING)) {
                ask.setLong(1, list);
                ask.setArray(2, connection.createArrayOf("text", patterns));
                ask.setArray(3, connection.createArrayOf("text", normal));
                try (var row = ask.executeQuery()) {
                    row.next();
                    return new Standing(row.getBoolean(1), row.getBoolean(2), row.getBoolean(3), row.getBoolean(4), row.getBoolean(5));
                }
            }
        });
    }

    public List<EmailAddress> withRole(long list, Set<Role> roles) {
        return database.read(connection -> {
            try (var ask = connection.prepareStatement(WITH_ROLE)) {
                ask.setLong(1, list);
                ask.setArray(2, connection.createArrayOf("text", roles.stream().map(Role::word).toArray()));
                try (var rows = ask.executeQuery()) {
                    var people = new ArrayList<EmailAddress>();
                    while (rows.next()) {
                        people.add(EmailAddress.parse(rows.getString(1), EmailAddress.LONGEST_LOCAL_OCTETS));
                    }
                    return people;
                }
            }
        });
    }
}
