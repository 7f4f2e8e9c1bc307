package org.listserv.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Processes counted together, with all they fork and also after they have ended: a control group of the kernel. Without one (not root)
/// `/proc` is read instead, where the time of children that ended is their parents'.
final class Group implements AutoCloseable {

    private static final long TICKS_A_SECOND = 100;
    private static final long PERIOD_MICROS = 100_000;

    private final Optional<Path> time;
    private final Optional<Path> limit;
    private final Set<Long> members = new LinkedHashSet<>();

    private Group(Optional<Path> time, Optional<Path> limit) {
        this.time = time;
        this.limit = limit;
    }

    static Group create(Workplace place, String name) {
        var child = "listserv-%s-%d".formatted(name, ProcessHandle.current().pid());
        var time = mounted("cgroup2", "").or(() -> mounted("cgroup", "cpuacct")).flatMap(root -> made(root.resolve(child)));
        return place.add(new Group(time, Optional.empty()));
    }

    /// @param cores how much of the machine it may use
    /// @throws IllegalStateException where the kernel's control groups cannot be had
    static Group limited(Workplace place, String name, double cores) {
        var child = "listserv-%s-%d".formatted(name, ProcessHandle.current().pid());
        var quota = Math.round(cores * PERIOD_MICROS);
        var newer = mounted("cgroup2", "").filter(root -> read(root.resolve("cgroup.subtree_control")).contains("cpu"))
                .flatMap(root -> made(root.resolve(child)));
        if (newer.isPresent()) {
            write(newer.get().resolve("cpu.max"), quota + " " + PERIOD_MICROS);
            return place.add(new Group(newer, newer));
        }
        var older = mounted("cgroup", "cpu").flatMap(root -> made(root.resolve(child)));
        if (older.isEmpty()) {
            throw new IllegalStateException(
                    "no control group can be made that limits processor time: be root, with cgroup v2 or v1 mounted");
        }
        write(older.get().resolve("cpu.cfs_period_us"), "" + PERIOD_MICROS);
        write(older.get().resolve("cpu.cfs_quota_us"), "" + quota);
        return place.add(new Group(Optional.empty(), older));
    }

    private static Optional<Path> mounted(String type, String controller) {
        return read(Path.of("/proc/mounts")).lines().map(line -> line.split(" ")).filter(words -> words[2].equals(type))
                .filter(words -> controller.isEmpty() || List.of(words[3].split(",")).contains(controller)).map(words -> Path.of(words[1]))
                .findFirst();
    }

    private static Optional<Path> made(Path folder) {
        try {
            return Optional.of(Files.createDirectories(folder));
        } catch (IOException notAllowed) {
            return Optional.empty();
        }
    }

    /// This process and what it has forked so far; what it forks later belongs to the group by itself.
    void add(long pid) {
        for (var one : family(pid)) {
            members.add(one);
            time.ifPresent(folder -> write(folder.resolve("cgroup.procs"), "" + one));
            limit.filter(folder -> !Optional.of(folder).equals(time))
                    .ifPresent(folder -> write(folder.resolve("cgroup.procs"), "" + one));
        }
    }

    /// The same command, run inside the group from its first moment.
    List<String> inside(List<String> words) {
        if (time.isEmpty()) {
            return words;
        }
        var line = new ArrayList<>(List.of("sh", "-c", "echo $$ >\"$0\" && exec \"$@\"", time.get().resolve("cgroup.procs").toString()));
        line.addAll(words);
        return line;
    }

    /// User and system time of all its processes so far.
    double cpuSeconds() {
        if (time.isEmpty()) {
            return members.stream().flatMap(pid -> family(pid).stream()).distinct().mapToDouble(Group::cpuSeconds).sum();
        }
        var newer = time.get().resolve("cpu.stat");
        if (Files.exists(newer) && read(newer).contains("usage_usec")) {
            return read(newer).lines().filter(line -> line.startsWith("usage_usec ")).mapToLong(line -> Long.parseLong(line.substring(11)))
                    .sum() / 1e6;
        }
        return Long.parseLong(read(time.get().resolve("cpuacct.usage")).strip()) / 1e9;
    }

    static List<Long> family(long pid) {
        var all = new ArrayList<>(List.of(pid));
        ProcessHandle.of(pid).ifPresent(process -> process.descendants().forEach(child -> all.add(child.pid())));
        return all;
    }

    /// utime, stime, cutime, cstime: fields 14 to 17 of proc(5); the name in field 2 may hold spaces.
    private static double cpuSeconds(long pid) {
        var stat = read(Path.of("/proc", "" + pid, "stat"));
        var fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ");
        if (fields.length < 15) {
            return 0;
        }
        var ticks = 0L;
        for (var i = 11; i < 15; i++) {
            ticks += Long.parseLong(fields[i]);
        }
        return (double) ticks / TICKS_A_SECOND;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException gone) {
            return "";
        }
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            if (!file.endsWith("cgroup.procs")) {    // a process that has ended meanwhile joins no group
                throw new UncheckedIOException(e);
            }
        }
    }

    @Override
    public void close() {
        for (var folder : List.of(time, limit)) {
            folder.ifPresent(Group::remove);
        }
    }

    /// A group can go when it is empty: who is still there goes back to where all came from.
    private static void remove(Path folder) {
        read(folder.resolve("cgroup.procs")).lines().forEach(pid -> write(folder.resolveSibling("cgroup.procs"), pid));
        if (!Workplace.await(Duration.ofSeconds(5), () -> !Files.exists(folder) || folder.toFile().delete())) {
            System.err.println("left behind: " + folder);
        }
    }
}
