package org.listserv.deploy.node;

import java.time.Duration;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.SchedulerName;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.github.kagkarlsson.scheduler.task.schedule.FixedDelay;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.listserv.members.PausesOver;
import org.listserv.moderation.HeldTimeouts;
import org.listserv.requests.HeldReminders;
import org.listserv.requests.Kit;
import org.listserv.store.Database;
import org.listserv.store.Retention;

/// What is done once in a cluster, every now and then, by whichever node comes first.
final class Jobs implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Jobs.class);

    private final Scheduler scheduler;

    private Jobs(Scheduler scheduler) {
        this.scheduler = scheduler;
    }

    static Jobs start(Database database, Kit kit, String node) {
        var timeouts = new HeldTimeouts(database, kit.held());
        var reminders = new HeldReminders(kit);
        var pauses = new PausesOver(database);
        var retention = new Retention(database);
        var jobs = new Jobs(Scheduler.create(database.longPool())
                .startTasks(
                        Tasks.recurring("held-timeouts", FixedDelay.of(Duration.ofMinutes(1))).execute((_, _) -> timeouts.run()),
                        Tasks.recurring("held-reminders", FixedDelay.of(Duration.ofMinutes(1))).execute((_, _) -> reminders.run()),
                        Tasks.recurring("pauses-over", FixedDelay.of(Duration.ofMinutes(1))).execute((_, _) -> pauses.run()),
                        Tasks.recurring("retention", FixedDelay.of(Duration.ofHours(1))).execute((_, _) -> {
                            var deleted = retention.run();
                            if (!deleted.isEmpty()) {
                                log.info("retention: deleted {}", deleted);
                            }
                        }))
                .schedulerName(new SchedulerName.Fixed(node))
                .threads(2)
                .pollingInterval(Duration.ofSeconds(10))
                .shutdownMaxWait(Duration.ofSeconds(3))
                .build());
        jobs.scheduler.start();
        return jobs;
    }

    @Override
    public void close() {
        scheduler.stop();
    }
}
