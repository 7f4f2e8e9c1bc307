package org.listserv.deploy.log;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.filter.ThresholdFilter;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.FileAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/// Events go to standard error, one line each, times in UTC. `$LISTSERV_LOG_LEVEL` says from which level on: WARN for commands, INFO for a
/// node. In code and not in XML: a command that runs half a second has none to spare for reading it.
///
/// Logback finds this class through `META-INF/services`.
@ConfiguratorRank(ConfiguratorRank.CUSTOM_HIGH_PRIORITY)
public final class Logging extends ContextAwareBase implements Configurator {

    /// Name of the system property by which a command says which level it needs; `$LISTSERV_LOG_LEVEL` comes before.
    public static final String LEVEL = "listserv.log.level";

    private static final String CONSOLE = "console";

    /// What others say too often for the level it has.
    private static final Map<String, Level> QUIETER = Map.of(
            "org.hibernate", Level.WARN, "org.flywaydb", Level.WARN, "com.zaxxer.hikari", Level.WARN, "org.springframework", Level.ERROR,
            "org.apache", Level.WARN, "org.apache.catalina.loader", Level.ERROR,
            "org.apache.lucene.internal.vectorization.VectorizationProvider", Level.ERROR, "com.github.kagkarlsson", Level.WARN,
            "com.icegreen", Level.OFF, "io.netty", Level.WARN);

    /// What comes from mail may hold line ends; an event is one line all the same.
    private static final String LINE = "%d{yyyy-MM-dd'T'HH:mm:ss.SSS'Z', UTC} %-5level %logger{0} %replace(%msg){'[\\r\\n]+', ' '}%n%ex";

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        var console = new ConsoleAppender<ILoggingEvent>();
        console.setName(CONSOLE);
        console.setContext(context);
        console.setTarget("System.err");
        console.setEncoder(encoder(context));
        console.start();
        var level = level();
        QUIETER.forEach((logger, quiet) -> context.getLogger(logger).setLevel(quiet.isGreaterOrEqual(level) ? quiet : level));
        var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(level);
        root.addAppender(console);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /// Events of libraries that use the JDK's own logging come to us as well, and what ends a thread is an event.
    public static void takeOver() {
        Thread.setDefaultUncaughtExceptionHandler((thread, e) -> {
            var logger = LoggerFactory.getLogger(isOf(e, "com.icegreen.") ? "com.icegreen" : Logging.class.getName());
            logger.error("thread {} ended", thread.getName(), e);
        });
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
    }

    /// From now on events go to this file, and to standard error only those from WARN on.
    public static void intoFile(Path path) {
        var context = (LoggerContext) LoggerFactory.getILoggerFactory();
        var file = new FileAppender<ILoggingEvent>();
        file.setContext(context);
        file.setFile(path.toString());
        file.setEncoder(encoder(context));
        file.start();
        var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.addAppender(file);
        var warnings = new ThresholdFilter();
        warnings.setLevel(Level.WARN.toString());
        warnings.start();
        root.getAppender(CONSOLE).addFilter(warnings);
    }

    private static boolean isOf(Throwable e, String library) {
        var stack = e.getStackTrace();
        return stack.length > 0 && stack[0].getClassName().startsWith(library);
    }

    private static PatternLayoutEncoder encoder(LoggerContext context) {
        var encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setCharset(StandardCharsets.UTF_8);
        encoder.setPattern(LINE);
        encoder.start();
        return encoder;
    }

    private static Level level() {
        var given = System.getenv("LISTSERV_LOG_LEVEL");
        return Level.toLevel(given == null ? System.getProperty(LEVEL) : given, Level.WARN);
    }
}
