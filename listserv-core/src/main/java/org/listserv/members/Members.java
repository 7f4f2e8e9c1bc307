package org.listserv.members;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import org.listserv.lists.MailingList;
import org.listserv.lists.Progress;
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

    static final String STANDING = """
            select 'subscriber' from address a join subscription s on s.address_id = a.id where a.normal = any (?) and s.list_id = ?
            union all
            select c.kind from list_access c where c.list_id = ? and c.kind in ('allow', 'deny') and c.pattern = any (?)
            union all
            select r.role from address a join list_role r on r.address_id = a.id where a.normal = any (?) and r.list_id = ?
            """;

    private static final String WITH_ROLE = """
            select distinct a.mailbox from list_role r join address a on a.id = r.address_id where r.list_id = ? and r.role = any (?) order by 1
            """;

    private static final String HOLDERS = """
            select a.mailbox, r.role from list_role r join address a on a.id = r.address_id where r.list_id = ? and a.normal = any (?) order by 1, 2
            """;

    private static final String FIRST_SUBSCRIBED = """
            select a.mailbox from unnest(?::text[]) with ordinality w(normal, i)
              join address a on a.normal = w.normal
              join subscription s on s.address_id = a.id and s.list_id = ? and s.kind = ?
             order by w.i limit 1
            """;

    private static final String SUBSCRIBER = """
            select a.mailbox from subscription s join address a on a.id = s.address_id where s.list_id = ? and s.id = ?
            """;

    private static final String FIRST_LISTED = """
            select w.normal from unnest(?::text[]) with ordinality w(normal, i)
              join list_access c on c.pattern = w.normal and c.list_id = ? and c.kind = ?
             order by w.i limit 1
            """;

    private static final String MAKE_KNOWN = """
            with made as (insert into address (mailbox, normal) values (?, ?) on conflict (normal) do nothing returning id)
            select id from made union all select id from address where normal = ? limit 1
            """;

    private static final String COUNTS = """
            select (select count(*) from subscription where list_id = l.id and kind = 'main'),
                   (select count(*) from subscription where list_id = l.id and kind = 'digest'),
                   (select count(*) from list_access where list_id = l.id and kind = 'allow'),
                   (select count(*) from list_access where list_id = l.id and kind = 'deny'),
                   (select count(*) from list_role where list_id = l.id and role = 'owner'),
                   (select count(distinct address_id) from list_role where list_id = l.id and role in ('moderator', 'post-moderator'))
              from (select ?::bigint as id) l
            """;

    private static final String LIST_ADDRESSES = """
            select l.id, l.local_part || '@' || d.name from list l join domain d on d.id = l.domain_id where l.id = any (?)
            """;

    private final Database database;

    public Members(Database database) {
        this.database = database;
    }

    // Asked for every post

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
        var patterns = Stream.concat(Stream.of(normal), addresses.stream().map(Entry::domainPattern)).distinct().toArray();
        return database.read(connection -> {
            try (var ask = connection.prepareStatement(STANDING)) {
                var people = connection.createArrayOf("text", normal);
                ask.setArray(1, people);
                ask.setLong(2, list);
                ask.setLong(3, list);
                ask.setArray(4, connection.createArrayOf("text", patterns));
                ask.setArray(5, people);
                ask.setLong(6, list);
                try (var rows = ask.executeQuery()) {
                    var known = new HashSet<String>();
                    while (rows.next()) {
                        known.add(rows.getString(1));
                    }
                    return new Standing(known.contains("subscriber"), known.contains("allow"), known.contains("deny"),
                            known.contains(Role.MODERATOR.word()) || known.contains(Role.POST_MODERATOR.word()),
                            known.contains(Role.OWNER.word()));
                }
            }
        });
    }

    /// Everybody who has one of these roles, each once.
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

    /// Somebody with a role, by the address that is stored: what a moderator is asked to confirm goes there and nowhere else.
    public record Holder(EmailAddress mailbox, Role role) {}

    /// The roles of these addresses.
    public List<Holder> holders(long list, Collection<EmailAddress> addresses) {
        var normal = addresses.stream().map(EmailAddress::normal).distinct().toArray();
        return database.read(connection -> {
            try (var ask = connection.prepareStatement(HOLDERS)) {
                ask.setLong(1, list);
                ask.setArray(2, connection.createArrayOf("text", normal));
                try (var rows = ask.executeQuery()) {
                    var holders = new ArrayList<Holder>();
                    while (rows.next()) {
                        holders.add(new Holder(EmailAddress.parse(rows.getString(1), EmailAddress.LONGEST_LOCAL_OCTETS),
                                Role.of(rows.getString(2))));
                    }
                    return holders;
                }
            }
        });
    }

    /// The first of these addresses that is in a set, as it is stored; patterns do not count.
    public Optional<EmailAddress> firstIn(long list, MemberSet set, List<EmailAddress> addresses) {
        var normal = addresses.stream().map(EmailAddress::normal).distinct().toArray();
        return database.read(connection -> {
            try (var ask = connection.prepareStatement(set.isSubscription() ? FIRST_SUBSCRIBED : FIRST_LISTED)) {
                ask.setArray(1, connection.createArrayOf("text", normal));
                ask.setLong(2, list);
                ask.setString(3, set.word());
                try (var row = ask.executeQuery()) {
                    return row.next()
                            ? Optional.of(EmailAddress.parse(row.getString(1), EmailAddress.LONGEST_LOCAL_OCTETS))
                            : Optional.empty();
                }
            }
        });
    }

    /// The id of an address, which gets one if it has none: for where the address itself does not fit.
    public long idOf(EmailAddress address) {
        return database.write(connection -> {
            try (var make = connection.prepareStatement(MAKE_KNOWN)) {
                make.setString(1, address.toString());
                make.setString(2, address.normal());
                make.setString(3, address.normal());
                try (var row = make.executeQuery()) {
                    row.next();
                    return row.getLong(1);
                }
            }
        });
    }

    public Optional<EmailAddress> mailbox(long id) {
        return database.read(connection -> {
            try (var ask = connection.prepareStatement("select mailbox from address where id = ?")) {
                ask.setLong(1, id);
                try (var row = ask.executeQuery()) {
                    return row.next()
                            ? Optional.of(EmailAddress.parse(row.getString(1), EmailAddress.LONGEST_LOCAL_OCTETS))
                            : Optional.empty();
                }
            }
        });
    }

    /// Whose subscription of a list this is. Empty when that has ended.
    public Optional<EmailAddress> subscriber(long list, long subscription) {
        return database.read(connection -> {
            try (var ask = connection.prepareStatement(SUBSCRIBER)) {
                ask.setLong(1, list);
                ask.setLong(2, subscription);
                try (var row = ask.executeQuery()) {
                    return row.next()
                            ? Optional.of(EmailAddress.parse(row.getString(1), EmailAddress.LONGEST_LOCAL_OCTETS))
                            : Optional.empty();
                }
            }
        });
    }

    // Changes

    /// Adds whoever is not there yet. Mails nobody.
    ///
    /// @param mode for subscribers; null: who is there keeps his, who is new gets `EACH`
    /// @param lines a mailbox each, or `Name <mailbox>`; in the allow and deny sets also `@domain`; empty lines and those that begin with `#`
    ///     are passed over
    /// @param actor who does it, for `audit`
    /// @param progress told the lines read so far
    public Enrolled add(MailingList list, MemberSet set, @Nullable Mode mode, Iterable<String> lines, String actor, Progress progress) {
        var enrolment = new Enrolment(database, list, actor);
        return set.isSubscription() ? enrolment.subscribe(set, mode, lines, progress) : enrolment.giveAccess(set, lines, progress);
    }

    /// Removes whoever is there, lines and progress as in [#add].
    public Enrolled remove(MailingList list, MemberSet set, Iterable<String> lines, String actor, Progress progress) {
        var enrolment = new Enrolment(database, list, actor);
        return set.isSubscription() ? enrolment.unsubscribe(set, lines, progress) : enrolment.takeAccess(set, lines, progress);
    }

    /// Nobody has to be subscribed to have a role.
    public Enrolled grant(MailingList list, Role role, Iterable<String> lines, String actor) {
        return new Enrolment(database, list, actor).grant(role, lines);
    }

    public Enrolled revoke(MailingList list, Role role, Iterable<String> lines, String actor) {
        return new Enrolment(database, list, actor).revoke(role, lines);
    }

    // Listings

    /// A set in the order its addresses first became known to us (allow and deny: by pattern).
    ///
    /// @param after [Page#next] of the page before; empty: the first page
    public Page<Member> page(long list, MemberSet set, Optional<String> after, int limit) {
        return database.read(connection -> set.isSubscription()
                ? subscribers(connection, list, set, after.map(Long::parseLong).orElse(0L), limit)
                : access(connection, list, set, after.orElse(""), limit));
    }

    public Counts counts(long list) {
        return database.read(connection -> {
            try (var ask = connection.prepareStatement(COUNTS)) {
                ask.setLong(1, list);
                try (var row = ask.executeQuery()) {
                    row.next();
                    return new Counts(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4), row.getLong(5), row.getLong(6));
                }
            }
        });
    }

    /// Everything about an address, on all lists. Empty when no list has ever known it and no pattern means it.
    public Optional<About> about(EmailAddress address) {
        return database.read(connection -> {
            try (var session = database.session(connection)) {
                var queries = new MemberQueries_(session);
                var known = queries.address(address.normal());
                var subscriptions = known.isEmpty() ? List.<SubscriptionRow>of() : queries.subscriptionsOf(known.getFirst().id);
                var roles = known.isEmpty() ? List.<RoleRow>of() : queries.rolesOf(known.getFirst().id);
                var access = queries.accessOf(address.normal(), Entry.domainPattern(address));
                if (known.isEmpty() && access.isEmpty()) {
                    return Optional.empty();
                }
                var lists = addresses(connection,
                        Stream.of(subscriptions.stream().map(row -> row.listId), roles.stream().map(row -> row.listId),
                                access.stream().map(row -> row.listId)).flatMap(ids -> ids).distinct().toArray());
                return Optional.of(new About(known.isEmpty() ? address.toString() : known.getFirst().mailbox,
                        subscriptions.stream().map(row -> subscribed(lists, row)).toList(),
                        roles.stream().map(row -> new About.HasRole(list(lists, row.listId), Role.of(row.role), row.since)).toList(),
                        access.stream().map(row -> new About.HasAccess(list(lists, row.listId), set(row.kind), row.pattern, row.since))
                                .toList()));
            }
        });
    }

    private static About.Subscribed subscribed(Map<Long, String> lists, SubscriptionRow row) {
        return new About.Subscribed(list(lists, row.listId), row.id, set(row.kind), mode(row.mode), suspended(row.state), row.name,
                row.since);
    }

    private static Map<Long, String> addresses(Connection connection, Object[] lists) throws SQLException {
        try (var ask = connection.prepareStatement(LIST_ADDRESSES)) {
            ask.setArray(1, connection.createArrayOf("bigint", lists));
            var addresses = new HashMap<Long, String>();
            try (var rows = ask.executeQuery()) {
                while (rows.next()) {
                    addresses.put(rows.getLong(1), rows.getString(2));
                }
            }
            return addresses;
        }
    }

    private Page<Member> subscribers(Connection connection, long list, MemberSet set, long after, int limit) throws SQLException {
        try (var session = database.session(connection)) {
            var lines = new MemberQueries_(session).subscribers(list, set.word(), after, limit);
            var members = lines.stream()
                    .map(line -> new Member(line.mailbox(), line.name(), mode(line.mode()), suspended(line.state()), line.since()))
                    .toList();
            return new Page<>(members, lines.size() < limit ? Optional.empty() : Optional.of(Long.toString(lines.getLast().addressId())));
        }
    }

    private Page<Member> access(Connection connection, long list, MemberSet set, String after, int limit) throws SQLException {
        try (var session = database.session(connection)) {
            var rows = new MemberQueries_(session).access(list, set.word(), after, limit);
            var members = rows.stream().map(row -> new Member(row.pattern, "", Mode.EACH, false, row.since)).toList();
            return new Page<>(members, rows.size() < limit ? Optional.empty() : Optional.of(rows.getLast().pattern));
        }
    }

    private static String list(Map<Long, String> lists, long id) {
        return lists.getOrDefault(id, "a list deleted meanwhile");
    }

    private static MemberSet set(String kind) {
        return MemberSet.valueOf(kind.toUpperCase(Locale.ROOT));
    }

    private static Mode mode(String mode) {
        return Mode.valueOf(mode.toUpperCase(Locale.ROOT));
    }

    private static boolean suspended(String state) {
        return state.equals("suspended");
    }
}
