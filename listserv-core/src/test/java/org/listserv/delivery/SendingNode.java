package org.listserv.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

import org.listserv.reception.Site;
import org.listserv.store.WakeUps.Topic;

/// A node that delivers, until it is closed.
public final class SendingNode implements AutoCloseable {
    private final Relays relays;
    private final Nodes nodes;
    private final Courier courier;
    private boolean closed;

    public SendingNode(Site site, String name, int connections, int window, SmtpSink... to) {
        this(site, name, connections, window, 16 << 20, to);
    }

    SendingNode(Site site, String name, int connections, int window, long room, SmtpSink... to) {
        relays = new Relays(new RelaySettings(List.of(to).stream().map(SmtpSink::address).toList(), connections, RelaySettings.Xverp.AUTO,
                RelaySettings.Tls.OFF, "node.example.org", RelaySettings.Timeouts.RFC_5321, RelaySettings.DEFAULT_IDLE));
        var later = new AtomicReference<Runnable>(() -> {});
        nodes = Nodes.start(site.database, new Nodes.Introduction(name, List.of("delivery"), "test", 1, 1), () -> later.get().run());
        courier = Courier.start(site.database, nodes, relays, site.verp, RetrySchedule.STANDARD, connections, window, room);
        later.set(courier::awake);
        site.wakeUps.subscribe(Topic.DELIVERY, courier::awake);
    }

    Courier courier() {
        return courier;
    }

    /// Whatever happened to copies, each has given its room in the window back.
    public void isSettled() {
        if (!closed) {
            await().untilAsserted(() -> assertThat(courier.ahead()).isZero());
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            courier.close();
            nodes.close();
            relays.close();
        }
    }
}
