package org.listserv.requests;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.listserv.lists.MailingList;
import org.listserv.mail.EmailAddress;
import org.listserv.members.Role;
import org.listserv.moderation.HeldPosts.HeldPost;

/// A recurring job: when half of a post's time is over its moderators are reminded, when three quarters are, the owners are told that nobody
/// answers. One letter a list, however many posts, to be decided about by one reply.
public final class HeldReminders {
    private static final Logger log = LoggerFactory.getLogger(HeldReminders.class);

    private enum Step {
        MODERATORS("reminded_at", "0.5", "half-over"),
        OWNERS("owners_told_at", "0.75", "nobody-answers");

        private final String due;
        private final String mark;
        private final String why;

        Step(String column, String share, String why) {
            this.why = why;
            due = """
                    select list_id, array_agg(id order by id) from held_post
                     where state = 'held' and %s is null and clock_now() >= held_at + (expires_at - held_at) * %s
                     group by list_id order by list_id
                    """.formatted(column, share);
            mark = """
                    update held_post set %1$s = clock_now() where id = any (?) and state = 'held' and %1$s is null returning id
                    """.formatted(column);
        }
    }

    private static final String OWE = """
            with letter as (
                insert into outgoing (kind, list_id, octets, reverse_path, recipients, accepted_at)
                values ('notice', ?, ?, ?, ?, clock_now()) returning id, list_id)
            insert into batch (outgoing_id, list_id, small, forward_path, recipients, done, deferred, next_attempt_at)
            select id, list_id, true, path, 1, b'0', b'0', clock_now() from letter, unnest(?) path
            """;

    private final Kit kit;
    private final ModerationMail letters;

    public HeldReminders(Kit kit) {
        this.kit = kit;
        this.letters = new ModerationMail(kit);
    }

    private record Due(long list, List<Long> ids) {
        Due {
            ids = List.copyOf(ids);
        }
    }

    /// @return letters that are owed now
    public int run() {
        var owed = 0;
        for (var step : Step.values()) {
            for (var due : due(step)) {
                owed += remind(step, due) ? 1 : 0;
            }
        }
        return owed;
    }

    private List<Due> due(Step step) {
        return kit.database().readLong(connection -> {
            var due = new ArrayList<Due>();
            try (var ask = connection.prepareStatement(step.due); var rows = ask.executeQuery()) {
                while (rows.next()) {
                    due.add(new Due(rows.getLong(1), List.of((Long[]) rows.getArray(2).getArray())));
                }
            }
            return due;
        });
    }

    /// Marks and owes in one transaction: nobody is reminded twice, and nobody is forgotten.
    private boolean remind(Step step, Due due) {
        var list = kit.lists().byId(due.list());
        if (list.isEmpty()) {
            return false;
        }
        var to = switch (step) {
            case MODERATORS -> kit.deciders(list.get(), ModerationMail.DECIDE);
            case OWNERS -> kit.deciders(list.get(), Set.of(Role.OWNER));
        };
        boolean reminded = kit.database().writeLong(connection -> {
            var still = mark(connection, step, due.ids());
            if (still.isEmpty()) {
                return false;
            }
            var posts = still.stream().map(id -> kit.held().find(id).orElseThrow()).toList();
            owe(connection, due.list(), letter(list.get(), posts, step), to, list.get().localPart() + "-return-@" + list.get().domain());
            return true;
        });
        if (reminded) {
            log.info("{}: {} told of {} posts that wait", list.get().address(), step.name().toLowerCase(Locale.ROOT),
                    due.ids().size());
        }
        return reminded;
    }

    private byte[] letter(MailingList list, List<HeldPost> posts, Step step) {
        var to = "<" + list.localPart() + (step == Step.OWNERS ? "-owner@" : "-moderators@") + list.domain() + ">";
        return letters.ofSeveral(list, posts, step.why, to).unasked().octets(kit.clock().instant());
    }

    private static List<Long> mark(Connection connection, Step step, List<Long> ids) throws SQLException {
        try (var mark = connection.prepareStatement(step.mark)) {
            mark.setArray(1, connection.createArrayOf("bigint", ids.toArray()));
            try (var rows = mark.executeQuery()) {
                var marked = new ArrayList<Long>();
                while (rows.next()) {
                    marked.add(rows.getLong(1));
                }
                marked.sort(null);
                return marked;
            }
        }
    }

    private static void owe(Connection connection, long list, byte[] letter, List<EmailAddress> to, String reversePath)
            throws SQLException {
        try (var owe = connection.prepareStatement(OWE)) {
            owe.setLong(1, list);
            owe.setBytes(2, letter);
            owe.setString(3, reversePath);
            owe.setInt(4, to.size());
            owe.setArray(5, connection.createArrayOf("text", to.stream().map(EmailAddress::toString).toArray()));
            owe.executeUpdate();
        }
    }
}
