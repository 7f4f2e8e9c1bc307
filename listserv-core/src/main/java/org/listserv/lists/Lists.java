package org.listserv.lists;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import org.hibernate.LockMode;
import org.hibernate.StatelessSession;
import org.jspecify.annotations.Nullable;

import org.listserv.lists.ListSettings.State;
import org.listserv.mail.AddressSyntaxException;
import org.listserv.mail.EmailAddress;
import org.listserv.store.Audit;
import org.listserv.store.Database;
import org.listserv.store.WakeUps;
import org.listserv.store.WakeUps.Topic;

/// Mail domains and lists: made, shown, changed, removed. Every change can be asked for again, is written down in `audit`
/// in its own transaction, and reaches all nodes within a second.
public final class Lists {

    /// How old a list may be that [#byId] gives from memory.
    private static final Duration REMEMBER = Duration.ofSeconds(1);

    /// The chain of a list starts from 32 zero octets (docs/formats.md).
    private static final String NEW_HEAD = "insert into list_head (list_id, chain) values (?, decode(repeat('00', 32), 'hex'))";

    private static final String SUMMARIES = """
            select l.id, l.local_part, d.name, l.description, l.state, h.last_seq,
                   (select count(*) from subscription s where s.list_id = l.id and s.kind = 'main')
              from domain d
              join list l on l.domain_id = d.id
              join list_head h on h.list_id = l.id
             where (d.name, l.local_part) > (?, ?)
             order by d.name, l.local_part
             limit ?
            """;

    private final Database database;
    private final WakeUps wakeUps;
    private final Cache<Long, MailingList> byId = cache();
    private final Cache<String, MailingList> byName = cache();

    public Lists(Database database, WakeUps wakeUps) {
        this.database = database;
        this.wakeUps = wakeUps;
    }

    /// To be called once by a node that runs on: what other nodes change is forgotten here at once.
    public Lists followingOthers() {
        wakeUps.subscribe(Topic.SETTINGS, this::forget);
        return this;
    }

    // Domains

    /// @param name in any spelling DNS knows
    /// @param actor who does it, for `audit`
    public Change createDomain(String name, String actor) {
        var wanted = domainName(name);
        return done(database.write(connection -> {
            try (var session = database.session(connection)) {
                if (domain(session, wanted) != null) {
                    return Change.UNCHANGED;
                }
                var row = new DomainRow();
                row.name = wanted;
                session.insert(row);
                Audit.record(connection, actor, "domain.create", null, wanted, null, Map.of());
                return Change.CREATED;
            }
        }));
    }

    public List<MailDomain> domains() {
        return database.read(connection -> {
            try (var session = database.session(connection)) {
                return new ListQueries_(session).domains();
            }
        });
    }

    /// @throws RefusedChange when there are lists
    public Change deleteDomain(String name, String actor) {
        var wanted = domainName(name);
        return done(database.write(connection -> {
            try (var session = database.session(connection)) {
                var row = domain(session, wanted);
                if (row == null) {
                    return Change.UNCHANGED;
                }
                session.get(DomainRow.class, row.id, LockMode.PESSIMISTIC_WRITE);
                var lists = new ListQueries_(session).names(row.id).size();
                if (lists > 0) {
                    throw new RefusedChange(wanted + " has " + lists + (lists == 1 ? " list" : " lists") + ": delete them first");
                }
                session.delete(row);
                Audit.record(connection, actor, "domain.delete", null, wanted, Map.of(), null);
                return Change.DELETED;
            }
        }));
    }

    // Lists

    /// A new list, or these settings for one that is there already; settings that are not given stay as they are.
    ///
    /// @param given key to value ([Setting])
    /// @throws SettingException naming every setting that cannot be
    /// @throws RefusedChange when there is no such domain, or no list can have this name
    public Change create(EmailAddress address, Map<String, String> given, String actor) {
        var settings = Setting.parse(given);
        var name = ListName.checked(address);
        var domain = domainOf(address);
        return done(database.write(connection -> {
            try (var session = database.session(connection)) {
                var domainRow = domain(session, domain);
                if (domainRow == null) {
                    throw new RefusedChange("there is no mail domain " + domain + ": `listserv domain create " + domain + "` makes it one");
                }
                // One at a time in a domain, so that two names cannot come to stand in each other's way.
                session.get(DomainRow.class, domainRow.id, LockMode.PESSIMISTIC_WRITE);
                var queries = new ListQueries_(session);
                var there = queries.lists(domainRow.id, name);
                if (!there.isEmpty()) {
                    return change(connection, session, there.getFirst().id, domain, settings, actor);
                }
                ListName.checkBeside(address, name, queries.names(domainRow.id));
                var row = new ListRow();
                row.domainId = domainRow.id;
                row.localPart = name;
                settings.forEach((setting, value) -> setting.assign(row, value));
                session.insert(row);
                try (var head = connection.prepareStatement(NEW_HEAD)) {
                    head.setLong(1, row.id);
                    head.executeUpdate();
                }
                Audit.record(connection, actor, "list.create", row.id, name + "@" + domain, null, words(settings));
                return Change.CREATED;
            }
        }));
    }

    /// @throws SettingException naming every setting that cannot be
    /// @throws RefusedChange when there is no such list
    public Change set(EmailAddress address, Map<String, String> given, String actor) {
        var settings = Setting.parse(given);
        return done(database.write(connection -> {
            try (var session = database.session(connection)) {
                var list = find(session, address).orElseThrow(() -> noSuchList(address));
                return change(connection, session, list.id(), list.domain(), settings, actor);
            }
        }));
    }

    /// As it is now.
    public Optional<MailingList> find(EmailAddress address) {
        return database.read(connection -> {
            try (var session = database.session(connection)) {
                return find(session, address);
            }
        });
    }

    /// As it is now.
    ///
    /// @throws RefusedChange saying that there is none
    public MailingList existing(EmailAddress address) {
        return find(address).orElseThrow(() -> noSuchList(address));
    }

    /// As it is now or was a second ago. Empty only after a fresh look.
    @SuppressWarnings("NullAway") // Caffeine keeps nothing where there is nothing
    public Optional<MailingList> byId(long id) {
        // Of all who find it forgotten at the same moment, one asks.
        return Optional.ofNullable(byId.get(id, this::read));
    }

    private @Nullable MailingList read(long id) {
        return database.<@Nullable MailingList>read(connection -> {
            try (var session = database.session(connection)) {
                var row = session.get(ListRow.class, id);
                if (row == null) {
                    return null;
                }
                var list = row.in(new ListQueries_(session).domainName(row.domainId));
                byName.put(list.localPart() + "@" + list.domain(), list);
                return list;
            }
        });
    }

    /// Every list, by domain and name.
    public List<ListSummary> all() {
        return page(Optional.empty(), Integer.MAX_VALUE);
    }

    /// @param after address of the last list of the page before
    public List<ListSummary> page(Optional<EmailAddress> after, int limit) {
        return database.read(connection -> {
            try (var statement = connection.prepareStatement(SUMMARIES)) {
                statement.setString(1, after.map(Lists::domainOf).orElse(""));
                statement.setString(2, after.map(EmailAddress::localPart).orElse(""));
                statement.setInt(3, limit);
                var page = new ArrayList<ListSummary>();
                try (var rows = statement.executeQuery()) {
                    while (rows.next()) {
                        page.add(new ListSummary(rows.getLong(1), new EmailAddress(rows.getString(2), rows.getString(3)), rows.getString(4),
                                Setting.choice(State.class, rows.getString(5)), rows.getLong(7), rows.getLong(6)));
                    }
                }
                return page;
            }
        });
    }

    /// A list without posts. What it owes to nobody any more (subscribers, roles, notices not yet sent) goes with it.
    ///
    /// @throws RefusedChange when it has posts, or messages that wait for a moderator
    public Change delete(EmailAddress address, String actor) {
        var list = find(address);
        if (list.isEmpty()) {
            return Change.UNCHANGED;
        }
        return done(new Removal(database, list.get(), actor).unlessUsed());
    }

    /// A list and its whole archive. Ended in the middle, it leaves a closed list with fewer posts and can be repeated.
    ///
    /// @param progress told the posts removed so far
    public Change deleteWithArchive(EmailAddress address, String actor, Progress progress) {
        var list = find(address);
        if (list.isEmpty()) {
            return Change.UNCHANGED;
        }
        if (list.get().settings().state() != State.CLOSED) {
            set(address, Map.of(Setting.STATE.key(), State.CLOSED.word()), actor);
        }
        return done(new Removal(database, list.get(), actor).withArchive(progress));
    }

    /// From memory, at most a second old.
    Optional<MailingList> remembered(String localPart, String domain) {
        return Optional.ofNullable(byName.getIfPresent(localPart + "@" + domain));
    }

    /// The domain as it stands in the table.
    static String domainOf(EmailAddress address) {
        var normal = address.normal();
        return normal.substring(normal.lastIndexOf('@') + 1);
    }

    private static String domainName(String name) {
        try {
            var domain = domainOf(EmailAddress.parse("x@" + name.strip()));
            if (domain.startsWith("[")) {
                throw new RefusedChange(name + " is an address literal, not a domain");
            }
            return domain;
        } catch (AddressSyntaxException e) {
            throw new RefusedChange("'" + name + "' cannot be a mail domain: " + e.getMessage());
        }
    }

    private static @Nullable DomainRow domain(StatelessSession session, String name) {
        var rows = new ListQueries_(session).domainsNamed(name);
        return rows.isEmpty() ? null : rows.getFirst();
    }

    private static Optional<MailingList> find(StatelessSession session, EmailAddress address) {
        var domain = domain(session, domainOf(address));
        if (domain == null) {
            return Optional.empty();
        }
        return new ListQueries_(session).lists(domain.id, address.localPart().toLowerCase(java.util.Locale.ROOT))
                .stream().findFirst().map(row -> row.in(domain.name));
    }

    private static Change change(Connection connection, StatelessSession session, long id, String domain, Map<Setting, String> settings,
            String actor) throws SQLException {
        var row = session.get(ListRow.class, id, LockMode.PESSIMISTIC_WRITE);
        if (row == null) {
            return Change.UNCHANGED; // deleted meanwhile
        }
        var old = row.settings();
        var before = new LinkedHashMap<String, String>();
        var after = new LinkedHashMap<String, String>();
        settings.forEach((setting, value) -> {
            if (!setting.text(old).equals(value)) {
                before.put(setting.key(), setting.text(old));
                after.put(setting.key(), value);
                setting.assign(row, value);
            }
        });
        if (after.isEmpty()) {
            return Change.UNCHANGED;
        }
        row.version++;
        session.update(row);
        Audit.record(connection, actor, "list.set", id, row.localPart + "@" + domain, before, after);
        return Change.CHANGED;
    }

    private static Map<String, String> words(Map<Setting, String> settings) {
        var words = new LinkedHashMap<String, String>();
        settings.forEach((setting, value) -> words.put(setting.key(), value));
        return words;
    }

    private static RefusedChange noSuchList(EmailAddress address) {
        return new RefusedChange("there is no list " + address + "; `listserv list list` shows all");
    }

    private Change done(Change change) {
        if (change != Change.UNCHANGED) {
            forget();
            wakeUps.awake(Topic.SETTINGS);
        }
        return change;
    }

    private void forget() {
        byId.invalidateAll();
        byName.invalidateAll();
    }

    private static <K, V> Cache<K, V> cache() {
        return Caffeine.newBuilder().maximumSize(10_000).expireAfterWrite(REMEMBER).build();
    }
}
