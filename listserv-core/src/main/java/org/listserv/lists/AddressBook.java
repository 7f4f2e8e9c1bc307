package org.listserv.lists;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import org.listserv.mail.EmailAddress;
import org.listserv.mail.Rewritten;
import org.listserv.store.Database;

/// Which address means what: the grammar of ezmlm's `L-command`, for lists whose own names may contain dashes.
///
/// The whole local part is tried as a list first, then it is cut at its last `-`, then at the next to the left; the longest list wins.
/// An answer from memory is at most a second old and only ever "yes": what refuses mail has just been read.
public final class AddressBook {

    static final String FIND = """
            select l.id, l.local_part
              from domain d
              left join list l on l.domain_id = d.id and l.local_part = any (?)
             where d.name = ?
             order by length(l.local_part) desc nulls last
             limit 1
            """;

    /// Whose case matters, as in the cookie behind them.
    private static final Set<String> COOKIE_VERBS = Set.of("sc", "uc", "tc", "vc", "rc", "wc", "ed");

    private final Database database;
    private final Lists lists;

    public AddressBook(Database database, Lists lists) {
        this.database = database;
        this.lists = lists;
    }

    /// @throws org.listserv.store.DatabaseUnavailable when it cannot be told now
    public Target resolve(EmailAddress recipient) {
        var original = Rewritten.original(recipient);
        // A relay may have tagged our reverse-paths on their way out and not know them again. Nothing else of ours is ever rewritten.
        if (!original.equals(recipient) && original.domain().equals(recipient.domain())
                && asWritten(original) instanceof Target.Bounce bounce) {
            return bounce;
        }
        return asWritten(recipient);
    }

    private Target asWritten(EmailAddress recipient) {
        var local = recipient.localPart().toLowerCase(Locale.ROOT);
        var domain = Lists.domainOf(recipient);
        var cuts = cuts(local);
        for (var cut : cuts) {
            var known = lists.remembered(cut, domain);
            if (known.isPresent() && (cut.length() == local.length() || ListName.isCommand(local.substring(cut.length() + 1)))) {
                return target(known.get(), recipient.localPart());
            }
        }
        return fresh(recipient, local, domain, cuts);
    }

    private Target fresh(EmailAddress recipient, String local, String domain, List<String> cuts) {
        var found = database.read(connection -> find(connection, domain, cuts));
        if (found == null) {
            return new Target.Unknown("we take no mail for " + recipient.domain());
        }
        if (ListName.OF_THE_DOMAIN.contains(local)) {
            return new Target.Postmaster(domain);
        }
        if (local.equals(ListName.SITE)) {
            return new Target.Site(domain);
        }
        var list = found.list() == 0 ? null : lists.byId(found.list()).orElse(null);
        return list == null ? new Target.Unknown("no such list") : target(list, recipient.localPart());
    }

    /// @param list 0 when there is the domain, but no such list
    private record Found(long list) {}

    private static @Nullable Found find(Connection connection, String domain, List<String> cuts) throws SQLException {
        try (var statement = connection.prepareStatement(FIND)) {
            statement.setArray(1, connection.createArrayOf("text", cuts.toArray()));
            statement.setString(2, domain);
            try (var rows = statement.executeQuery()) {
                return rows.next() ? new Found(rows.getLong(1)) : null;
            }
        }
    }

    /// The names a list addressed by this local part can have, longest first. None where there is a `/`: nothing of ours has one.
    static List<String> cuts(String local) {
        var cuts = new ArrayList<String>();
        if (local.indexOf('/') >= 0) {
            return cuts;
        }
        cuts.add(local);
        for (int dash = local.lastIndexOf('-'); dash > 0; dash = local.lastIndexOf('-', dash - 1)) {
            cuts.add(local.substring(0, dash));
        }
        cuts.removeIf(cut -> cut.length() > EmailAddress.MAX_LOCAL_OCTETS);
        return cuts;
    }

    private static Target target(MailingList list, String local) {
        int name = list.localPart().length();
        return local.length() == name ? new Target.Post(list) : behind(list, local.substring(name + 1));
    }

    /// @param words behind `L-`, as written
    private static Target behind(MailingList list, String words) {
        var lower = words.toLowerCase(Locale.ROOT);
        if (lower.equals("owner") || lower.equals("digest-owner")) {
            return new Target.Owner(list);
        }
        for (var sent : List.of("return", "digest-return")) {
            if (lower.equals(sent)) {
                return new Target.Bounce(list, sent.startsWith("digest"), "");
            }
            if (lower.startsWith(sent + "-")) {
                return new Target.Bounce(list, sent.startsWith("digest"), words.substring(sent.length() + 1));
            }
        }
        int dash = words.indexOf('-');
        return dash < 0
                ? new Target.Request(list, command(words), "")
                : new Target.Request(list, command(words.substring(0, dash)), words.substring(dash + 1));
    }

    private static String command(String written) {
        int dot = written.indexOf('.');
        if (dot < 0) {
            return written.toLowerCase(Locale.ROOT);
        }
        var verb = written.substring(0, dot);
        var lower = verb.toLowerCase(Locale.ROOT);
        return (COOKIE_VERBS.contains(lower) ? verb : lower) + written.substring(dot);
    }
}
