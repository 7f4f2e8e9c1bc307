package org.listserv.web;

import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

import org.apache.coyote.Constants;
import org.apache.coyote.Processor;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/// HTTP/1.1 whose patience ends. The container's time-outs begin anew with every octet, so who sends or takes one a second would be served for
/// hours, and a thousand of them would fill memory with answers. Here a header section must be whole, and an answer must be taken, within
/// bounds that no reader meets.
///
/// Public because the container makes it by its name.
public final class PatientHttp extends Http11NioProtocol {
    /// From the first octet of a request to the end of its header section.
    private static final Duration REQUEST = Duration.ofSeconds(20);
    /// From then on an answer must be on its way ...
    private static final Duration ANSWER = Duration.ofSeconds(60);
    /// ... with so many octets a second since its beginning: a tenth of what the slowest mobile network carries.
    private static final long SLOWEST = 1_000;

    private @Nullable ScheduledFuture<?> sweep;

    @Override
    public void start() throws Exception {
        super.start();
        sweep = getUtilityExecutor().scheduleWithFixedDelay(this::endOverdue, 1, 1, TimeUnit.SECONDS);
    }

    @Override
    public void stop() throws Exception {
        if (sweep != null) {
            sweep.cancel(false);
        }
        super.stop();
    }

    /// A task that throws is never run again, and connections change while they are looked at.
    private void endOverdue() {
        try {
            long now = System.nanoTime();
            for (var connection : getEndpoint().getConnections()) {
                if (connection.getCurrentProcessor() instanceof Processor processor && overdue(processor, now)) {
                    end(connection);
                }
            }
        } catch (RuntimeException e) {
            getLog().warn("slow clients could not be looked at", e);
        }
    }

    private static boolean overdue(Processor processor, long now) {
        var request = processor.getRequest();
        if (request == null || request.getStartTimeNanos() < 0) {
            return false;
        }
        var age = Duration.ofNanos(now - request.getStartTimeNanos());
        return switch (request.getRequestProcessor().getStage()) {
            // Between two octets of a header section a processor waits as ended.
            case Constants.STAGE_PARSE, Constants.STAGE_ENDED -> age.compareTo(REQUEST) > 0;
            case Constants.STAGE_PREPARE, Constants.STAGE_SERVICE, Constants.STAGE_ENDINPUT, Constants.STAGE_ENDOUTPUT ->
                age.compareTo(ANSWER) > 0 && request.getResponse().getBytesWritten(false) < SLOWEST * age.toSeconds();
            default -> false;
        };
    }

    /// The container ends the connection itself, in its own time and on its own threads, as after any time-out.
    private static void end(SocketWrapperBase<?> connection) {
        connection.setReadTimeout(1);
        connection.setWriteTimeout(1);
    }
}
