package org.listserv.deploy.node;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs until the process is told to end (SIGTERM, SIGINT), then ends what was running, in order, and within a time limit.
public final class RunUntilStopped {

    private static final Logger log = LoggerFactory.getLogger(RunUntilStopped.class);

    /// Whoever stops us waits about 10 seconds before he kills us.
    private static final Duration LONGEST = Duration.ofSeconds(10);

    private RunUntilStopped() {}

    /// Does not return: the JVM ends with the signal's exit code.
    ///
    /// @param running ended in this order
    public static void run(List<? extends AutoCloseable> running) throws InterruptedException {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(running), "stop"));
        new CountDownLatch(1).await();
    }

    private static void stop(List<? extends AutoCloseable> running) {
        var ending = Thread.ofPlatform().daemon().name("ending").start(() -> running.forEach(RunUntilStopped::close));
        try {
            if (!ending.join(LONGEST)) {
                log.warn("not all ended within {} s; the other nodes go on with it", LONGEST.toSeconds());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Failing to end is told and holds up nothing else.
    public static void close(AutoCloseable one) {
        try {
            one.close();
        } catch (Exception e) {
            log.warn("{} did not end well", one.getClass().getSimpleName(), e);
        }
    }
}
