package org.listserv.moderation;

import java.util.ArrayList;
import java.util.List;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.listserv.posting.Taken;
import org.listserv.store.Database;

/// A recurring job: messages nobody decided about in time are dropped, and their authors told where the list says so. Runs once per cluster,
/// whether or not the list sees traffic.
public final class HeldTimeouts {
    private static final Logger log = LoggerFactory.getLogger(HeldTimeouts.class);
    private static final int AT_A_TIME = 100;

    private static final String DUE = """
            select id from held_post where state in ('unconfirmed', 'held') and expires_at <= clock_now() order by expires_at limit ?
            """;

    private final Database database;
    private final HeldPosts held;

    public HeldTimeouts(Database database, HeldPosts held) {
        this.database = database;
        this.held = held;
    }

    /// @return how many expired
    public int run() {
        var expired = 0;
        List<Long> due;
        do {
            due = due();
            for (var id : due) {
                if (held.expire(id) instanceof Taken.Done) {
                    expired++;
                    log.info("held message {} expired: nobody decided", id);
                }
            }
        } while (due.size() == AT_A_TIME);
        return expired;
    }

    private List<Long> due() {
        return database.readLong(connection -> {
            try (var ask = connection.prepareStatement(DUE)) {
                ask.setInt(1, AT_A_TIME);
                try (var rows = ask.executeQuery()) {
                    var due = new ArrayList<Long>();
                    while (rows.next()) {
                        due.add(rows.getLong(1));
                    }
                    return due;
                }
            }
        });
    }
}
