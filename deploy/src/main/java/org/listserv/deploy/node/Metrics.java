package org.listserv.deploy.node;

import java.util.List;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

import org.listserv.archive.SearchIndex;
import org.listserv.delivery.Courier;
import org.listserv.delivery.DeliveryQueue;
import org.listserv.delivery.HostPort;
import org.listserv.delivery.RelayState;
import org.listserv.delivery.Relays;
import org.listserv.moderation.HeldPosts;
import org.listserv.smtp.MailServer;
import org.listserv.store.Database;

/// What `/metrics` shows of this node. Counts are since the node started.
final class Metrics {

    /// Replies that refuse; a Prometheus series has to be there before it counts.
    private static final List<Integer> REFUSALS = List.of(421, 450, 451, 452, 500, 501, 502, 503, 504, 521, 530, 550, 552, 553, 554, 555);

    /// Subjects of RFC 3463 §3, in their number's order.
    private static final List<String> REASONS = List.of("other", "address", "mailbox", "system", "network", "protocol", "content",
            "policy");

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    PrometheusMeterRegistry registry() {
        return registry;
    }

    void database(Database database) {
        gauge("listserv.database.unknown.commits", "commits whose result this node does not know yet", database, Database::unknownCommits);
    }

    void joined(Supplier<Boolean> joined) {
        gauge("listserv.node.joined", "1 when this node is one of the cluster's", joined, is -> is.get() ? 1 : 0);
    }

    /// The same for the whole cluster, whichever node is asked.
    void held(HeldPosts held) {
        var counts = new Sample<>(held::counts);
        gauge("listserv.held.posts", "posts of all lists that wait for a moderator", counts, all -> all.get().waiting());
        gauge("listserv.held.unanswered", "those among them whose owners were told that no moderator answers", counts,
                all -> all.get().unanswered());
    }

    void mail(MailServer server) {
        counter("listserv.smtp.sessions", "connections accepted", Tags.empty(), server, s -> s.counts().sessions());
        gauge("listserv.smtp.sessions.open", "connections open now", server, s -> s.counts().open());
        counter("listserv.smtp.messages", "messages answered 250", Tags.empty(), server, s -> s.counts().messages());
        for (int code : REFUSALS) {
            counter("listserv.smtp.refused", "negative replies", Tags.of("code", Integer.toString(code)), server,
                    s -> s.counts().refused().getOrDefault(code, 0L));
        }
    }

    /// Of the whole cluster, whichever node is asked.
    void latency(DeliveryQueue queue) {
        var latency = new Sample<>(queue::latency);
        gauge("listserv.delivery.ended.posts", "posts whose last copy was taken or refused in the last 5 minutes", latency,
                of -> of.get().posts());
        gauge("listserv.delivery.latency.median.seconds", "from acceptance to the last copy, of those posts", latency,
                of -> of.get().median().toMillis() / 1000.0);
        gauge("listserv.delivery.latency.longest.seconds", "the longest of them", latency, of -> of.get().longest().toMillis() / 1000.0);
    }

    void delivery(Courier courier, Relays relays, List<HostPort> hosts) {
        gauge("listserv.delivery.batches", "batches this node is sending", courier, Courier::batchesInHand);
        for (var host : hosts) {
            var tags = Tags.of("relay", host.toString());
            counter("listserv.relay.delivered", "recipients a relay took", tags, relays, r -> state(r, host, RelayState::delivered));
            for (int i = 0; i < REASONS.size(); i++) {
                var subject = i;
                counter("listserv.relay.deferred", "recipients a relay asked to try later, by the subject of its enhanced status code",
                        tags.and("reason", REASONS.get(i)), relays, r -> state(r, host, state -> state.deferrals().get(subject)));
            }
            counter("listserv.relay.failed", "recipients a relay refused", tags, relays, r -> state(r, host, RelayState::failed));
            Gauge.builder("listserv.relay.well", relays, r -> state(r, host, state -> state.isWell() ? 1 : 0)).tags(tags)
                    .description("0 when a relay rests or was in trouble").register(registry);
            Gauge.builder("listserv.relay.connections", relays, r -> state(r, host, RelayState::connections)).tags(tags)
                    .description("connections that stand").register(registry);
        }
    }

    void index(SearchIndex index) {
        gauge("listserv.index.posts", "posts in this node's search index", index, i -> i.status().posts());
        gauge("listserv.index.lag", "posts accepted and not yet indexed", index, i -> i.status().lag());
        gauge("listserv.index.age.seconds", "since the index was last known to be complete", index,
                i -> i.status().age().toMillis() / 1000.0);
    }

    private <T> void gauge(String name, String description, T of, ToDoubleFunction<T> value) {
        Gauge.builder(name, of, value).description(description).strongReference(true).register(registry);
    }

    private <T> void counter(String name, String description, Tags tags, T of, ToDoubleFunction<T> value) {
        FunctionCounter.builder(name, of, value).tags(tags).description(description).register(registry);
    }

    private static double state(Relays relays, HostPort host, ToDoubleFunction<RelayState> value) {
        return relays.states().stream().filter(state -> state.relay().equals(host)).mapToDouble(value).sum();
    }
}
