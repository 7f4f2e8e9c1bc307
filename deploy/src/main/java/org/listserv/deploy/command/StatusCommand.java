package org.listserv.deploy.command;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

import org.listserv.deploy.config.Configuration.Purpose;
import org.listserv.deploy.node.Core;
import org.listserv.store.Database;
import org.listserv.store.Migrations;

@Command(name = "status", description = {"Print how things are: nodes, what waits and for how long, and the database with its standbys.",
        "What needs a person stands in lines that begin with `attention:`."})
final class StatusCommand implements Callable<Integer> {

    /// A beat comes every second; other nodes take over after 8 of them.
    private static final Duration SILENT = Duration.ofSeconds(8);
    private static final Duration LONG_QUEUE = Duration.ofHours(1);
    private static final Duration LATE_CLOCK = Duration.ofSeconds(10);

    private static final Question NODES = new Question("""
            select name, roles, version, schema_from, schema_to, started_at, beat_at, stopped_at,
                   extract(epoch from clock_now() - beat_at)::bigint,
                   (select count(*) from batch b where b.owner = n.id and b.owner_epoch = n.epoch)
              from node n
             order by name
            """);

    private static final Question QUEUE = new Question("""
            select count(*), coalesce(sum(recipients - bit_count(done)), 0), coalesce(sum(bit_count(deferred & ~done)), 0),
                   (select min(o.accepted_at) from outgoing o where exists (select 1 from batch b where b.outgoing_id = o.id))
              from batch
            """);

    private static final Question WAITING = new Question("""
            select (select count(*) from held_post where state = 'held'), (select min(held_at) from held_post where state = 'held'),
                   (select count(*) from aside where state = 'waiting'), (select min(aside_at) from aside where state = 'waiting'),
                   (select count(owners_told_at) from held_post where state = 'held')
            """);

    private static final Question DATABASE = new Question("""
            select current_setting('server_version'), pg_is_in_recovery(), current_setting('synchronous_standby_names'),
                   pg_database_size(current_database()), clock_now(), (select extract(epoch from shift)::bigint from clock), host(inet_server_addr())
            """);

    private static final Question STANDBYS = new Question("""
            select coalesce(nullif(application_name, ''), host(client_addr), 'unnamed'), coalesce(state, 'unknown'), coalesce(sync_state, 'unknown'),
                   coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn), 0)::bigint
              from pg_stat_replication
             order by 1
            """);

    private final Listserv listserv;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Format format;

    StatusCommand(Listserv listserv) {
        this.listserv = listserv;
    }

    /// @param state running, silent, stopped
    private record NodeState(String name, String state, List<String> roles, String version, int schemaFrom, int schemaTo, Instant startedAt,
            Instant lastBeatAt,
            @Nullable Instant stoppedAt, long batches) {}

    /// @param oldestAcceptedAt of what still has copies to send
    private record Queue(long batches, long copies, long deferred, @Nullable Instant oldestAcceptedAt) {}

    /// @param unanswered of those held: three quarters of their time are over, and the owners were told
    private record Waiting(long held, @Nullable Instant oldestHeldAt, long aside, @Nullable Instant oldestAsideAt, long unanswered) {}

    private record Standby(String name, String state, String sync, long lagOctets) {}

    private record DatabaseState(String version, boolean primary, String synchronousStandbys, long octets, long clockDifferenceSeconds,
            long clockShiftSeconds,
            List<Standby> standbys) {}

    private record Status(int schema, int schemaOfThisProgram, List<NodeState> nodes, Queue queue, Waiting waiting, DatabaseState database,
            List<String> attention) {}

    @Override
    public Integer call() throws Exception {
        var configuration = listserv.configuration(Purpose.COMMAND);
        try (var core = new Core(configuration)) {
            var status = status(core.database(), new Migrations(configuration.database()).version());
            format.print(listserv, () -> text(status), status);
            return 0;
        }
    }

    private static Status status(Database database, int schema) {
        var nodes = NODES.ask(database, row -> {
            var stopped = Question.instant(row, 8);
            var state = stopped != null ? "stopped" : row.getLong(9) > SILENT.toSeconds() ? "silent" : "running";
            return new NodeState(row.getString(1), state, List.of((String[]) row.getArray(2).getArray()), row.getString(3), row.getInt(4),
                    row.getInt(5),
                    Question.at(row, 6), Question.at(row, 7), stopped, row.getLong(10));
        });
        var queue = QUEUE.ask(database, row -> new Queue(row.getLong(1), row.getLong(2), row.getLong(3), Question.instant(row, 4)))
                .getFirst();
        var waiting = WAITING
                .ask(database,
                        row -> new Waiting(row.getLong(1), Question.instant(row, 2), row.getLong(3), Question.instant(row, 4),
                                row.getLong(5)))
                .getFirst();
        var standbys = STANDBYS.ask(database, row -> new Standby(row.getString(1), row.getString(2), row.getString(3), row.getLong(4)));
        var state = DATABASE.ask(database, row -> new DatabaseState(row.getString(1), !row.getBoolean(2), row.getString(3), row.getLong(4),
                Duration.between(Question.at(row, 5), Instant.now()).toSeconds() + row.getLong(6), row.getLong(6), standbys)).getFirst();
        return new Status(schema, Migrations.ours(), nodes, queue, waiting, state, attention(schema, nodes, queue, waiting, state));
    }

    private static List<String> attention(int schema, List<NodeState> nodes, Queue queue, Waiting waiting, DatabaseState database) {
        var attention = new ArrayList<String>();
        if (nodes.stream().noneMatch(node -> node.state().equals("running"))) {
            attention.add("no node is running: `listserv serve`");
        }
        nodes.stream().filter(node -> node.state().equals("silent")).forEach(node -> attention
                .add("node " + node.name() + " has been silent since " + Texts.minute(node.lastBeatAt()) + "; others go on with its work"));
        if (schema != Migrations.ours()) {
            attention.add("the schema has version " + schema + ", this program " + Migrations.ours()
                    + (schema < Migrations.ours() ? ": `listserv migrate`" : ": upgrade this program"));
        }
        if (queue.oldestAcceptedAt() != null && Duration.between(queue.oldestAcceptedAt(), Instant.now()).compareTo(LONG_QUEUE) > 0) {
            attention.add("copies have waited since " + Texts.minute(queue.oldestAcceptedAt()) + ": `listserv queue list` says why");
        }
        if (waiting.unanswered() > 0) {
            attention.add("no moderator answers about " + Texts.count(waiting.unanswered(), "held message", "held messages")
                    + ": `listserv held list`");
        }
        if (waiting.aside() > 0) {
            attention.add(Texts.count(waiting.aside(), "message was", "messages were")
                    + " set aside since the program failed on it: `listserv queue list`");
        }
        if (Math.abs(database.clockDifferenceSeconds()) > LATE_CLOCK.toSeconds()) {
            attention.add("the clocks of this machine and of the database differ by " + Math.abs(database.clockDifferenceSeconds()) + " s");
        }
        if (database.clockShiftSeconds() != 0) {
            attention.add("the database's policy clock is shifted by " + database.clockShiftSeconds() + " s: meant for tests");
        }
        return attention;
    }

    private static String text(Status status) {
        var nodes = new Table("NODE", "STATE", "ROLES", "VERSION", "SINCE", "SENDING");
        status.nodes().forEach(node -> nodes.row(node.name(), node.state(), String.join(",", node.roles()), node.version(),
                Texts.minute(node.stoppedAt() == null ? node.startedAt() : node.stoppedAt()),
                Texts.count(node.batches(), "batch", "batches")));
        var queue = status.queue();
        var waiting = status.waiting();
        var database = status.database();
        var facts = new Table("", "")
                .row("to send",
                        Texts.count(queue.copies(), "copy", "copies") + " in " + Texts.count(queue.batches(), "batch", "batches") + ", "
                                + queue.deferred() + " deferred" + since(queue.oldestAcceptedAt()))
                .row("held", Texts.count(waiting.held(), "message", "messages") + since(waiting.oldestHeldAt()))
                .row("set aside", Texts.count(waiting.aside(), "message", "messages") + since(waiting.oldestAsideAt()))
                .row("database",
                        "PostgreSQL " + database.version() + (database.primary() ? ", primary" : ", standby") + ", schema "
                                + status.schema() + ", "
                                + (database.octets() >> 20) + " MB");
        for (var standby : database.standbys()) {
            facts.row("standby",
                    standby.name() + ", " + standby.state() + ", " + standby.sync() + ", " + standby.lagOctets() + " octets behind");
        }
        var text = new StringBuilder();
        status.attention().forEach(line -> text.append("attention: ").append(line).append("\n"));
        return text.append(nodes.orIfEmpty("no node has ever run")).append("\n\n").append(facts).toString();
    }

    private static String since(@Nullable Instant oldest) {
        return oldest == null ? "" : ", the oldest of " + Texts.minute(oldest);
    }
}
