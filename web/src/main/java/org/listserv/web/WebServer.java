package org.listserv.web;

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

    private final AnnotationConfigServletWebServerApplicationContext context;

    private WebServer(AnnotationConfigServletWebServerApplicationContext context) {
        this.context = context;
    }

    /// @param ready what must be well before `/health/ready` answers 200
    /// @param metrics shown at `/metrics`; every name in it starts with `listserv_`
    /// @throws AddressTaken when another program listens there
    public static WebServer start(WebSettings settings, Database database, SearchIndex search, List<HealthCheck> ready,
            PrometheusMeterRegistry metrics) {
        var context = new AnnotationConfigServletWebServerApplicationContext();
        context.setDisplayName("web");
        // Singletons of others: the context uses them and never closes them.
        var others = context.getBeanFactory();
        others.registerSingleton("settings", settings);
        others.registerSingleton("database", database);
        others.registerSingleton("searchIndex", search);
        others.registerSingleton("metrics", metrics);
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
        return new WebServer(context);
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

    @Override
    public void close() {
        context.close();
    }
}
