package org.listserv.web;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.boot.web.server.servlet.context.AnnotationConfigServletWebServerApplicationContext;
import org.springframework.context.ApplicationContextException;

import org.listserv.archive.SearchIndex;
import org.listserv.store.Database;
import org.listserv.web.health.HealthCheck;

/// The running web part of a node. Stops listening when closed, and waits at most some seconds for requests under way.
public final class WebServer implements AutoCloseable {
    /// Tomcat tells in four lines that it starts. Kept in a field, because loggers that nobody holds forget their level.
    private static final Logger TOMCAT = Logger.getLogger("org.apache");

    static {
        TOMCAT.setLevel(Level.WARNING);
    }

    private static final Logger log = Logger.getLogger(WebServer.class.getName());
    private static final Duration LONGEST_WARM_UP = Duration.ofSeconds(10);

    private final AnnotationConfigServletWebServerApplicationContext context;
    private final WebSettings settings;

    private WebServer(AnnotationConfigServletWebServerApplicationContext context, WebSettings settings) {
        this.context = context;
        this.settings = settings;
    }

    /// @param ready what must be well before `/health/ready` answers 200
    /// @param metrics shown at `/metrics`; every name in it starts with `listserv_`
    /// @throws AddressTaken when another program listens there
    public static WebServer start(WebSettings settings, Database database, SearchIndex search, List<HealthCheck> ready,
            PrometheusMeterRegistry metrics) {
        return start(settings, database, search, ready, metrics, Readers.STRANGERS);
    }

    /// @param readers who is whom; only tests know others than [Readers#STRANGERS]
    static WebServer start(WebSettings settings, Database database, SearchIndex search, List<HealthCheck> ready,
            PrometheusMeterRegistry metrics, Readers readers) {
        var context = new AnnotationConfigServletWebServerApplicationContext();
        context.setDisplayName("web");
        // Singletons of others: the context uses them and never closes them.
        var others = context.getBeanFactory();
        others.registerSingleton("settings", settings);
        others.registerSingleton("database", database);
        others.registerSingleton("searchIndex", search);
        others.registerSingleton("metrics", metrics);
        others.registerSingleton("readers", readers);
        others.registerSingleton("readiness", new Readiness(ready));
        context.register(WebWiring.class);
        try {
            context.refresh();
        } catch (ApplicationContextException e) {
            context.close();
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (cause instanceof PortInUseException) {
                    throw new AddressTaken(settings.listen(), e);
                }
            }
            throw e;
        }
        return new WebServer(context, settings);
    }

    /// What must be well, in a type of its own so that the context cannot mistake it for a collection of beans.
    record Readiness(List<HealthCheck> checks) {}

    /// Where it listens; of use when the settings said port 0.
    public int port() {
        var server = context.getWebServer();
        if (server == null) {
            throw new IllegalStateException("not running");
        }
        return server.getPort();
    }

    /// Asks for the front page and for a search, so that no reader is the first: that one would wait about a second for a few thousand classes
    /// of templates and index. Returns when they have come or failed; a page that fails here fails the reader with its own words.
    public void warmUp() {
        var listen = settings.listen().getAddress();
        var host = listen == null || listen.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : listen;
        var literal = host instanceof Inet6Address ? "[" + host.getHostAddress() + "]" : host.getHostAddress();
        try (var client = HttpClient.newHttpClient()) {
            for (var page : List.of("/", "/search?q=archive")) {
                var request = HttpRequest.newBuilder(URI.create("http://" + literal + ":" + port() + page)).timeout(LONGEST_WARM_UP)
                        .build();
                client.send(request, BodyHandlers.discarding());
            }
        } catch (IOException e) {
            log.log(Level.FINE, "not warmed up", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        context.close();
    }
}
