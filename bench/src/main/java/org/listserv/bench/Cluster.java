package org.listserv.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/// The running reference cluster of `deploy/cluster`, as a run sees it from namespace `ls-client`.
final class Cluster {

    /// @param kind as in the topology: etcd, db, node, relay, proxy, client
    record Member(String name, String kind, String address) {
        String namespace() {
            return "ls-" + name;
        }
    }

    private static final Duration COMMAND = Duration.ofSeconds(60);

    private final List<Member> members;
    private final Path folder;
    private final HttpClient http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(1)).version(HttpClient.Version.HTTP_1_1)
            .build();

    private Cluster(List<Member> members, Path folder) {
        this.members = List.copyOf(members);
        this.folder = folder;
    }

    static Cluster running() throws IOException {
        try (var lines = Files.lines(Program.checkout().resolve("deploy/cluster/topology"))) {
            var members = lines.filter(line -> !line.isBlank() && !line.startsWith("#")).map(line -> line.split("\\s+"))
                    .map(words -> new Member(words[0], words[1], words[2])).toList();
            return new Cluster(members, Path.of(System.getenv().getOrDefault("CLUSTER_DIR", "/var/tmp/listserv-cluster")));
        }
    }

    List<Member> members(String kind) {
        return members.stream().filter(member -> member.kind().equals(kind)).toList();
    }

    Member one(String kind) {
        return members(kind).getFirst();
    }

    Path folder(Member member) {
        return folder.resolve(member.name());
    }

    Path configuration() {
        return folder(one("node")).resolve("listserv.yaml");
    }

    InetSocketAddress smtp() {
        return new InetSocketAddress(one("proxy").address(), 25);
    }

    // --- processes -------------------------------------------------------------------------------------------------

    /// Starts what was killed, as `up` did.
    void start(Member member, String... environment) {
        var line = new ArrayList<>(List.of("env"));
        line.addAll(List.of(environment));
        line.addAll(List.of(Program.checkout().resolve("deploy/cluster/start").toString(), member.name()));
        run(line);
    }

    List<Long> processes(Member member) {
        return run(List.of("ip", "netns", "pids", member.namespace())).lines().map(Long::parseLong).toList();
    }

    void signal(Signals signal, List<Long> processes) {
        processes.forEach(signal::to);
    }

    /// The process of PostgreSQL that starts all others.
    long postmaster(Member database) {
        try (var lines = Files.lines(folder(database).resolve("data/postmaster.pid"))) {
            return Long.parseLong(lines.findFirst().orElseThrow().strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static boolean isAlive(long process) {
        return Files.exists(Path.of("/proc", Long.toString(process)));
    }

    // --- links -----------------------------------------------------------------------------------------------------

    /// Nothing comes from these any more; only in this direction.
    void drop(Member at, List<Member> from) {
        within(at, "nft", "add", "table", "inet", "fault");
        within(at, "nft", "add chain inet fault in { type filter hook input priority 0; }");
        for (var one : from) {
            within(at, "nft", "add rule inet fault in ip saddr " + one.address() + " counter drop");
        }
    }

    /// Of what comes in, this share does not.
    void lose(Member at, int percent) {
        within(at, "nft", "add", "table", "inet", "fault");
        within(at, "nft", "add chain inet fault in { type filter hook input priority 0; }");
        within(at, "nft", "add rule inet fault in iif eth0 numgen random mod 100 < " + percent + " counter drop");
    }

    void undrop(Member at) {
        within(at, "nft", "delete", "table", "inet", "fault");
    }

    String dropped(Member at) {
        return within(at, "nft", "list", "table", "inet", "fault").lines().filter(line -> line.contains("counter")).map(String::strip)
                .collect(Collectors.joining("; "));
    }

    /// What a member sends arrives later by this time; its plug is taken out, and put into a longer wire.
    ///
    /// @return what passed
    String delay(Member member, Duration delay, Duration hold) {
        var program = Path.of(folder(member).toString(), "delay").toString();
        Shell.run("cc", "-O2", "-o", program, Program.checkout().resolve("bench/src/main/c/delay.c").toString());
        run(List.of("ip", "-n", "ls-switch", "link", "add", "late0", "type", "veth", "peer", "name", "late1"));
        try {
            run(List.of("ip", "-n", "ls-switch", "link", "set", "late0", "up"));
            run(List.of("ip", "-n", "ls-switch", "link", "set", "late1", "master", "bridge", "up"));
            run(List.of("ip", "-n", "ls-switch", "link", "set", member.name(), "nomaster"));
            return run(List.of("ip", "netns", "exec", "ls-switch", program, member.name(), "late0", Long.toString(delay.toMillis()),
                    Long.toString(hold.toSeconds()))).strip();
        } finally {
            run(List.of("ip", "-n", "ls-switch", "link", "set", member.name(), "master", "bridge"));
            run(List.of("ip", "-n", "ls-switch", "link", "delete", "late0"));
        }
    }

    /// Takes the plug out of the switch, or puts it back.
    void plug(Member member, boolean in) {
        run(List.of("ip", "-n", "ls-switch", "link", "set", member.name(), in ? "up" : "down"));
    }

    // --- disks ---------------------------------------------------------------------------------------------------

    /// Takes all the room that is left on a database's disk, or gives it back.
    String fill(Member database, boolean full) {
        var filler = folder(database).resolve("filler").toString();
        return full
                ? run(List.of("sh", "-c",
                        "dd if=/dev/zero of=" + filler + " bs=1M 2>&1 | head -n 1; df --output=avail " + filler + " | tail -n 1"))
                        .strip().replace('\n', ' ')
                : run(List.of("rm", "-f", filler));
    }

    /// A disk of its own, so that filling it fills nothing else.
    boolean hasOwnDisk(Member database) {
        try (var mounts = Files.lines(Path.of("/proc/mounts"))) {
            var at = folder(database).toString();
            return mounts.anyMatch(line -> line.split(" ")[1].equals(at));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Of these processes, no fsync succeeds for so long.
    String failFsync(Member database, Duration time) {
        var line = new ArrayList<>(List.of("timeout", "-s", "INT", Long.toString(time.toSeconds()), "strace", "-f", "-qq", "-e",
                "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:error=EIO"));
        for (var process : processes(database)) {
            line.addAll(List.of("-p", process.toString()));
        }
        try {
            var strace = new ProcessBuilder(line).redirectErrorStream(true).start();
            var said = new String(strace.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            strace.waitFor();
            return said.lines().filter(one -> one.contains("INJECTED")).count() + " calls of fsync failed";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /// Lines of a member's log with this text, so far.
    long logged(Member member, String text) {
        try (var lines = Files.lines(folder(member).resolve("log"), StandardCharsets.ISO_8859_1)) {
            return lines.filter(line -> line.contains(text)).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // --- databases -------------------------------------------------------------------------------------------------

    /// Who holds the leader's lock and is primary, as Patroni says.
    Optional<Member> primary() {
        return members("db").stream().filter(member -> status(member, ":8008/primary") == 200).findFirst();
    }

    Member awaitPrimary() {
        if (!Workplace.await(Duration.ofSeconds(90), () -> primary().isPresent())) {
            throw new IllegalStateException("there is no primary");
        }
        return primary().orElseThrow();
    }

    /// A primary, all standbys streaming and one of them synchronous, all nodes ready.
    boolean isWhole() throws SQLException {
        var primary = primary();
        if (primary.isEmpty() || !members("node").stream().allMatch(node -> status(node, ":8080/health/ready") == 200)) {
            return false;
        }
        try (var connection = connect(primary.get());
                var statement = connection.createStatement();
                var row = statement.executeQuery(
                        "select count(*) filter (where state = 'streaming'), count(*) filter (where sync_state in ('sync', 'quorum'))"
                                + " from pg_stat_replication where application_name like 'db%'")) {
            row.next();
            return row.getLong(1) == members("db").size() - 1 && row.getLong(2) >= 1;
        }
    }

    Connection connect(Member database) throws SQLException {
        return DriverManager.getConnection("jdbc:postgresql://" + database.address()
                + ":5432/listserv?user=postgres&sslmode=disable&connectTimeout=2&socketTimeout=60");
    }

    long count(String sql) throws SQLException {
        try (var connection = connect(awaitPrimary());
                var statement = connection.createStatement();
                var row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    void execute(String sql) throws SQLException {
        try (var connection = connect(awaitPrimary()); var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /// A planned change of the primary.
    String switchover(Member from, Member to) {
        return patroni(from, "POST", "/switchover", "{\"leader\": \"%s\", \"candidate\": \"%s\"}".formatted(from.name(), to.name()));
    }

    /// Restarts PostgreSQL on one host.
    String restart(Member database) {
        return patroni(database, "POST", "/restart", "{}");
    }

    /// Changes Patroni's settings for the whole cluster.
    String configure(String json) {
        return patroni(awaitPrimary(), "PATCH", "/config", json);
    }

    private String patroni(Member at, String method, String path, String body) {
        try {
            var request = HttpRequest.newBuilder(URI.create("http://" + at.address() + ":8008" + path)).timeout(Duration.ofSeconds(30))
                    .method(method, HttpRequest.BodyPublishers.ofString(body)).build();
            var answer = http.send(request, HttpResponse.BodyHandlers.ofString());
            return answer.statusCode() + " " + answer.body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /// 0: no answer within a second.
    int status(Member member, String portAndPath) {
        try {
            var request = HttpRequest.newBuilder(URI.create("http://" + member.address() + portAndPath)).timeout(Duration.ofSeconds(2))
                    .build();
            return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        } catch (IOException e) {
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }

    /// What a page says; empty where there is no answer.
    String text(Member member, String portAndPath) {
        try {
            var request = HttpRequest.newBuilder(URI.create("http://" + member.address() + portAndPath)).timeout(Duration.ofSeconds(10))
                    .build();
            return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
        } catch (IOException e) {
            return "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    /// Elections of etcd so far. More than faults explain them: two cores were not enough, and the run says nothing.
    long elections() {
        return members("etcd").stream().mapToLong(member -> {
            try (var lines = Files.lines(folder(member).resolve("log"))) {
                return lines.filter(line -> line.contains("became leader at term")).count();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }).sum();
    }

    // --- commands --------------------------------------------------------------------------------------------------

    String within(Member member, String... words) {
        var line = new ArrayList<>(List.of("ip", "netns", "exec", member.namespace()));
        line.addAll(List.of(words));
        return run(line);
    }

    private static String run(List<String> line) {
        try {
            var process = new ProcessBuilder(line).redirectErrorStream(true)
                    .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
                    .start();
            var out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(COMMAND.toSeconds(), TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new IllegalStateException(String.join(" ", line) + ": " + out);
            }
            return out;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
