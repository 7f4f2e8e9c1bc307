package org.listserv.members;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.listserv.store.Database;

/// A recurring job: who asked for no mail until some day gets mail again.
public final class PausesOver {
    private static final Logger log = LoggerFactory.getLogger(PausesOver.class);

    private static final String RESUME = """
            with resumed as (
                update subscription set mode = 'each', mail_again_at = null where mail_again_at <= clock_now()
                returning list_id, kind, address_id)
            insert into membership_log (list_id, kind, at, event, address, actor)
            select r.list_id, r.kind, clock_now(), 'mail', a.mailbox, 'job:pauses-over' from resumed r join address a on a.id = r.address_id
            """;

    private final Database database;

    public PausesOver(Database database) {
        this.database = database;
    }

    /// @return how many subscriptions get mail again
    public int run() {
        int resumed = database.writeLong(connection -> {
            try (var resume = connection.prepareStatement(RESUME)) {
                return resume.executeUpdate();
            }
        });
        if (resumed > 0) {
            log.info("{} subscriptions get mail again", resumed);
        }
        return resumed;
    }
}
