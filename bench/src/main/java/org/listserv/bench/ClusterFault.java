package org.listserv.bench;

import java.time.Duration;
import java.util.List;
import java.util.Random;

import org.listserv.bench.Cluster.Member;

/// What is done to the cluster, and undone. [#strike] returns when the fault has been healed, with the proof that it hit.
enum ClusterFault {
    NODE_KILLED {
        @Override
        String strike(Cluster cluster, Random random) {
            return killed(cluster, any(cluster.members("node"), random));
        }
    },
    NODE_FROZEN {
        @Override
        String strike(Cluster cluster, Random random) {
            return frozen(cluster, any(cluster.members("node"), random));
        }
    },
    NODE_STOPPED {
        @Override
        String strike(Cluster cluster, Random random) {
            return stopped(cluster, any(cluster.members("node"), random));
        }
    },
    PRIMARY_KILLED {
        @Override
        String strike(Cluster cluster, Random random) {
            return postmasterKilled(cluster, cluster.awaitPrimary());
        }
    },
    PRIMARY_FROZEN {
        @Override
        String strike(Cluster cluster, Random random) {
            return frozen(cluster, cluster.awaitPrimary(), Duration.ofSeconds(30));
        }
    },
    PRIMARY_CUT_OFF {
        @Override
        String strike(Cluster cluster, Random random) {
            var primary = cluster.awaitPrimary();
            cluster.plug(primary, false);
            Workplace.pause(Duration.ofSeconds(40));
            var proof = "%s unplugged for 40 s, primary meanwhile: %s".formatted(primary.name(),
                    cluster.primary().map(Member::name).orElse("none"));
            cluster.plug(primary, true);
            return proof;
        }
    },
    SWITCHOVER {
        @Override
        String strike(Cluster cluster, Random random) throws Exception {
            var primary = cluster.awaitPrimary();
            Workplace.await(Duration.ofSeconds(60), cluster::isWhole);
            var synchronous = cluster.members("db").stream().filter(member -> cluster.status(member, ":8008/sync") == 200).findFirst()
                    .orElseThrow();
            return "%s to %s: %s".formatted(primary.name(), synchronous.name(), cluster.switchover(primary, synchronous));
        }
    },
    STANDBY_KILLED {
        @Override
        String strike(Cluster cluster, Random random) {
            return postmasterKilled(cluster, any(standbys(cluster), random));
        }
    },
    STANDBY_FROZEN {
        @Override
        String strike(Cluster cluster, Random random) {
            return frozen(cluster, any(standbys(cluster), random));
        }
    },
    RELAY_KILLED {
        @Override
        String strike(Cluster cluster, Random random) {
            return killed(cluster, any(cluster.members("relay"), random));
        }
    },
    RELAY_FROZEN {
        @Override
        String strike(Cluster cluster, Random random) {
            return frozen(cluster, any(cluster.members("relay"), random));
        }
    },
    PROXY_KILLED {
        @Override
        String strike(Cluster cluster, Random random) {
            return killed(cluster, cluster.one("proxy"));
        }
    },
    PROXY_FROZEN {
        @Override
        String strike(Cluster cluster, Random random) {
            return frozen(cluster, cluster.one("proxy"));
        }
    },
    NODE_WITHOUT_DATABASE {
        @Override
        String strike(Cluster cluster, Random random) {
            return deaf(cluster, any(cluster.members("node"), random), cluster.members("db"));
        }
    },
    PRIMARY_WITHOUT_STANDBYS {
        @Override
        String strike(Cluster cluster, Random random) {
            return deaf(cluster, cluster.awaitPrimary(), standbys(cluster));
        }
    },
    ONE_WAY_LOSS {
        @Override
        String strike(Cluster cluster, Random random) {
            return deaf(cluster, any(standbys(cluster), random), List.of(cluster.awaitPrimary()));
        }
    },
    ETCD_MINORITY {
        @Override
        String strike(Cluster cluster, Random random) {
            var member = any(cluster.members("etcd"), random);
            cluster.plug(member, false);
            Workplace.pause(HOLD);
            cluster.plug(member, true);
            return member.name() + " unplugged for " + HOLD.toSeconds() + " s";
        }
    },
    LATENCY {
        @Override
        String strike(Cluster cluster, Random random) {
            var primary = cluster.awaitPrimary();
            return primary.name() + ": " + cluster.delay(primary, Duration.ofMillis(200), HOLD);
        }
    },
    LOSS {
        @Override
        String strike(Cluster cluster, Random random) {
            return lossy(cluster, cluster.awaitPrimary());
        }
    },
    NODE_CLOCK {
        @Override
        String strike(Cluster cluster, Random random) {
            var node = any(cluster.members("node"), random);
            cluster.signal(Signals.KILL, cluster.processes(node));
            cluster.start(node, "CLUSTER_CLOCK=+1h");
            Workplace.pause(HOLD);
            var last = cluster.within(node, "tail", "-n", "1", cluster.folder(node).resolve("log").toString()).strip();
            return killed(cluster, node) + ", its log said " + last.substring(0, Math.min(30, last.length()));
        }
    },
    NODES_RESTARTED {
        @Override
        String strike(Cluster cluster, Random random) {
            var proof = new StringBuilder();
            for (var node : cluster.members("node")) {
                proof.append(stopped(cluster, node)).append("; ");
                if (!Workplace.await(Duration.ofSeconds(150), () -> cluster.status(node, ":8080/health/ready") == 200)) {
                    throw new IllegalStateException(node.name() + " does not come back");
                }
            }
            return proof.toString();
        }
    },
    /// Every database host in turn: the standbys, then the primary after a switchover.
    DATABASES_RESTARTED {
        @Override
        String strike(Cluster cluster, Random random) throws Exception {
            var proof = new StringBuilder();
            for (var standby : standbys(cluster)) {
                proof.append(standby.name()).append(' ').append(cluster.restart(standby).strip()).append("; ");
                awaitWhole(cluster);
            }
            var primary = cluster.awaitPrimary();
            proof.append(SWITCHOVER.strike(cluster, random)).append("; ");
            awaitWhole(cluster);
            return proof + primary.name() + " " + cluster.restart(primary).strip();
        }
    },
    DISK_FULL {
        @Override
        String strike(Cluster cluster, Random random) {
            var primary = cluster.awaitPrimary();
            var before = cluster.logged(primary, "No space left on device");
            var filled = cluster.fill(primary, true);
            Workplace.pause(Duration.ofSeconds(20));
            var proof = "%s: %s; its log said \"No space left on device\" %d times, primary meanwhile: %s".formatted(primary.name(), filled,
                    cluster.logged(primary, "No space left on device") - before, cluster.primary().map(Member::name).orElse("none"));
            cluster.fill(primary, false);
            return proof;
        }
    },
    FSYNC_FAILS {
        @Override
        String strike(Cluster cluster, Random random) {
            var primary = cluster.awaitPrimary();
            var before = cluster.logged(primary, "could not fsync") + cluster.logged(primary, "could not fdatasync");
            var failed = cluster.failFsync(primary, Duration.ofSeconds(5));
            return "%s: %s, its log said so %d times".formatted(primary.name(), failed,
                    cluster.logged(primary, "could not fsync") + cluster.logged(primary, "could not fdatasync") - before);
        }
    },
    /// The database is one step ahead of the nodes, which are restarted one after the other; then it is as before.
    SCHEMA_AHEAD {
        @Override
        String strike(Cluster cluster, Random random) throws Exception {
            var version = cluster.count("select max(version::integer) from flyway_schema_history") + 1;
            cluster.execute(
                    "insert into flyway_schema_history (installed_rank, version, description, type, script, installed_by, execution_time, success) "
                            + "select max(installed_rank) + 1, '" + version
                            + "', 'next', 'SQL', 'next', 'bench', 0, true from flyway_schema_history");
            try {
                return "schema " + version + ": " + NODES_RESTARTED.strike(cluster, random);
            } finally {
                cluster.execute("delete from flyway_schema_history where version = '" + version + "'");
            }
        }
    },
    /// Not a fault to be survived: what must show loss, or the checker proves nothing. Commits wait for no disk and no standby, the
    /// standbys are cut off, and one of them is promoted.
    UNSYNCHRONISED_PROMOTION {
        @Override
        String strike(Cluster cluster, Random random) {
            var settings = cluster.configure("{\"synchronous_mode\": false, \"synchronous_mode_strict\": false, "
                    + "\"maximum_lag_on_failover\": 1073741824, \"postgresql\": {\"parameters\": {\"synchronous_commit\": \"off\"}}}");
            Workplace.pause(Duration.ofSeconds(10));
            var primary = cluster.awaitPrimary();
            for (var standby : standbys(cluster)) {
                cluster.drop(standby, List.of(primary));
            }
            Workplace.pause(Duration.ofSeconds(5));
            var proof = cluster.dropped(standbys(cluster).getFirst());
            cluster.plug(primary, false);
            Workplace.pause(Duration.ofSeconds(40));
            for (var standby : cluster.members("db")) {
                if (!standby.equals(primary)) {
                    cluster.undrop(standby);
                }
            }
            cluster.plug(primary, true);
            return "%s %s unplugged after %s, primary now: %s".formatted(settings.substring(0, 3), primary.name(), proof,
                    cluster.awaitPrimary().name());
        }
    };

    private static final Duration HOLD = Duration.ofSeconds(12);

    private static void awaitWhole(Cluster cluster) {
        if (!Workplace.await(Duration.ofSeconds(90), cluster::isWhole)) {
            throw new IllegalStateException("the cluster does not become whole");
        }
    }

    /// @return the proof
    abstract String strike(Cluster cluster, Random random) throws Exception;

    private static Member any(List<Member> members, Random random) {
        return members.get(random.nextInt(members.size()));
    }

    private static List<Member> standbys(Cluster cluster) {
        var primary = cluster.awaitPrimary();
        return cluster.members("db").stream().filter(member -> !member.equals(primary)).toList();
    }

    private static String killed(Cluster cluster, Member member) {
        var processes = cluster.processes(member);
        cluster.signal(Signals.KILL, processes);
        var gone = Workplace.await(Duration.ofSeconds(5), () -> cluster.processes(member).isEmpty());
        Workplace.pause(Duration.ofSeconds(3));
        cluster.start(member);
        return "%s: %d processes killed, %s".formatted(member.name(), processes.size(), gone ? "none left" : "SOME LEFT");
    }

    private static String stopped(Cluster cluster, Member member) {
        var began = System.nanoTime();
        var processes = cluster.processes(member);
        cluster.signal(Signals.TERM, processes);
        var gone = Workplace.await(Duration.ofSeconds(15), () -> cluster.processes(member).isEmpty());
        var seconds = (System.nanoTime() - began) / 1e9;
        cluster.signal(Signals.KILL, cluster.processes(member));
        cluster.start(member);
        return "%s: left %s in %.1f s".formatted(member.name(), gone ? "by itself" : "NOT BY ITSELF", seconds);
    }

    private static String postmasterKilled(Cluster cluster, Member database) {
        var process = cluster.postmaster(database);
        Signals.KILL.to(process);
        var gone = Workplace.await(Duration.ofSeconds(5), () -> !Cluster.isAlive(process));
        return "%s: postmaster %d %s".formatted(database.name(), process, gone ? "gone" : "STILL THERE");
    }

    private static String frozen(Cluster cluster, Member member) {
        return frozen(cluster, member, HOLD);
    }

    private static String frozen(Cluster cluster, Member member, Duration hold) {
        var processes = cluster.processes(member);
        cluster.signal(Signals.STOP, processes);
        Workplace.pause(hold);
        var stopped = processes.stream().filter(process -> state(process) == 'T').count();
        cluster.signal(Signals.CONT, processes);
        return "%s: %d of %d processes in state T for %d s".formatted(member.name(), stopped, processes.size(), hold.toSeconds());
    }

    private static char state(long process) {
        try {
            var line = java.nio.file.Files.readString(java.nio.file.Path.of("/proc", Long.toString(process), "stat"));
            return line.charAt(line.lastIndexOf(')') + 2);
        } catch (java.io.IOException e) {
            return '?'; // it has ended
        }
    }

    private static String deaf(Cluster cluster, Member at, List<Member> from) {
        cluster.drop(at, from);
        Workplace.pause(HOLD);
        var proof = "%s: %s".formatted(at.name(), cluster.dropped(at));
        cluster.undrop(at);
        return proof;
    }

    private static String lossy(Cluster cluster, Member at) {
        cluster.lose(at, 5);
        Workplace.pause(HOLD);
        var proof = "%s: %s".formatted(at.name(), cluster.dropped(at));
        cluster.undrop(at);
        return proof;
    }
}
