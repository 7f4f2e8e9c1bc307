package org.listserv.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;

/// HAProxy in front of the pages of one node, as `deploy/cluster` has it.
final class Haproxy {
    private Haproxy() {}

    /// @return its address; empty where HAProxy is not installed
    static Optional<String> start(Workplace place, Node node) throws IOException {
        var program = Stream.of("/usr/sbin/haproxy", "/usr/local/sbin/haproxy", "/usr/bin/haproxy").map(Path::of)
                .filter(Files::isExecutable)
                .findFirst();
        if (program.isEmpty()) {
            return Optional.empty();
        }
        int port = Workplace.freePort();
        var configuration = place.path("haproxy.cfg");
        Files.writeString(configuration, """
                global
                    maxconn 4000
                defaults
                    timeout connect 3s
                    timeout client 60s
                    timeout server 60s
                    timeout http-request 20s
                listen web
                    mode http
                    option httpchk GET /health/pages
                    option forwardfor
                    bind 127.0.0.1:%d
                    balance roundrobin
                    server node 127.0.0.1:%d check
                """.formatted(port, URI.create(node.web()).getPort()));
        var log = place.path("haproxy.log").toFile();
        var process = new ProcessBuilder(program.get().toString(), "-db", "-f", configuration.toString()).redirectErrorStream(true)
                .redirectOutput(log).start();
        place.add(() -> {
            process.destroy();
            process.waitFor();
        });
        if (!Workplace.await(Duration.ofSeconds(10), () -> {
            try (var socket = new Socket()) {
                socket.connect(new InetSocketAddress("127.0.0.1", port), 1_000);
                return process.isAlive();
            }
        })) {
            throw new IllegalStateException("HAProxy does not start; see " + log);
        }
        return Optional.of("http://127.0.0.1:" + port);
    }
}
