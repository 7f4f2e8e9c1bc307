package org.listserv.posting;

import java.io.StringWriter;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

import org.listserv.bounce.Failure;
import org.listserv.mail.MessageIds;
import org.listserv.posting.Intake.Act;
import org.listserv.posting.Intake.Copies;
import org.listserv.posting.Intake.Effect;
import org.listserv.posting.Intake.Gate;
import org.listserv.posting.Intake.Message;
import org.listserv.posting.Intake.Outgoing;
import org.listserv.posting.Intake.PostFacts;
import org.listserv.posting.Posting.CopyList;
import org.listserv.store.Database;
import org.listserv.store.PgText;

/// One call of the SQL function `take` (V022, V030): writes its document and reads its answer.
final class Take {
    private static final JsonFactory JSON = new JsonFactory();
    private static final HexFormat HEX = HexFormat.of();

    /// Autocommit: the call is the transaction, so no lock taken in it ever waits for this client.
    private static final String TAKE = """
            select r->>'outcome', (r->>'message')::bigint, (r->>'number')::bigint, (r->>'seq')::bigint, r->>'by', r->>'was', r->>'state', coalesce(r->>'said', 'done'),
                   coalesce((r->>'silent')::integer, 0)
              from jsonb_array_elements(take(?::jsonb, ?, ?)) with ordinality x(r, i)
             order by i
            """;

    private final short node;
    private final List<byte[]> octets = new ArrayList<>();
    private final List<byte[]> batches = new ArrayList<>();
    private final Map<Long, Recipients> recipients = new HashMap<>();

    /// @param node the node that takes it; 0: none (a command)
    Take(int node) {
        this.node = (short) node;
    }

    /// Who gets the copies of each list's posts. All posts of a list in this call share them.
    Take owing(List<CopyList> copies) {
        for (var list : copies) {
            var coded = SubscriptionIds.inBatches(list.subscriptions());
            recipients.put(list.list(), new Recipients(batches.size() + 1, coded, list.subscriptions().length));
            coded.forEach(batch -> batches.add(batch.octets()));
        }
        return this;
    }

    /// @param first index of the first batch in the SQL array, which counts from 1
    private record Recipients(int first, List<SubscriptionIds.Coded> batches, int count) {}

    /// @return for each intake one answer an effect, in order
    List<List<Taken>> run(Database database, List<Intake> intakes) {
        var document = document(intakes);
        return database.commitAtOnce(TAKE, take -> {
            take.setString(1, document);
            take.setArray(2, take.getConnection().createArrayOf("bytea", octets.toArray(byte[][]::new)));
            take.setArray(3, take.getConnection().createArrayOf("bytea", batches.toArray(byte[][]::new)));
        }, rows -> answers(rows, intakes));
    }

    private static List<List<Taken>> answers(ResultSet rows, List<Intake> intakes) throws SQLException {
        var answers = new ArrayList<List<Taken>>();
        for (var intake : intakes) {
            var taken = new ArrayList<Taken>();
            while (taken.size() < intake.effects().size()) {
                rows.next();
                taken.add(answer(rows));
            }
            answers.add(taken);
        }
        return answers;
    }

    private static Taken answer(ResultSet row) throws SQLException {
        return switch (row.getString(1)) {
            case "done" -> new Taken.Done(row.getLong(2), row.getLong(3), row.getLong(4), row.getString(8), row.getInt(9));
            case "duplicate" -> new Taken.Duplicate(row.getString(5), row.getString(6) == null ? "posted" : row.getString(6));
            case "decided" -> new Taken.Decided(row.getString(7), row.getString(5), row.getLong(3));
            case "unknown" -> new Taken.Unknown();
            case String other -> throw new IllegalStateException("take() answered " + other);
        };
    }

    private String document(List<Intake> intakes) {
        var text = new StringWriter(1024);
        try (var json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            json.writeArrayPropertyStart("messages");
            intakes.forEach(intake -> message(json, intake.message()));
            var about = new HashMap<Long, Integer>();
            for (var stored : decidedOn(intakes)) {
                if (about.putIfAbsent(stored.id(), intakes.size() + about.size()) == null) {
                    message(json, stored);
                }
            }
            json.writeEndArray();
            json.writeArrayPropertyStart("targets");
            for (var index = 0; index < intakes.size(); index++) {
                for (var effect : intakes.get(index).effects()) {
                    target(json, index, effect, about);
                }
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        return text.toString();
    }

    /// Messages that decisions by mail are about, beside those mails themselves.
    private static List<Message.Stored> decidedOn(List<Intake> intakes) {
        return intakes.stream().flatMap(intake -> intake.effects().stream()).map(Effect::gate)
                .filter(gate -> gate instanceof Gate.DecisionByMail).map(gate -> ((Gate.DecisionByMail) gate).about()).toList();
    }

    private void message(JsonGenerator json, Message message) {
        json.writeStartObject();
        switch (message) {
            case Message.Fresh fresh -> {
                json.writeNumberProperty("octets", add(fresh.octets()));
                json.writeStringProperty("source", fresh.source());
                string(json, "reversePath", fresh.reversePath());
                string(json, "client", fresh.client());
                string(json, "trace", fresh.trace());
                if (node > 0) {
                    json.writeNumberProperty("node", node);
                }
            }
            case Message.Stored stored -> json.writeNumberProperty("id", stored.id());
        }
        json.writeNumberProperty("size", message.size());
        json.writeStringProperty("sha256", HEX.formatHex(message.sha256()));
        json.writeEndObject();
    }

    private void target(JsonGenerator json, int arrived, Effect effect, Map<Long, Integer> about) {
        json.writeStartObject();
        if (effect.gate() instanceof Gate.DecisionByMail byMail) {
            json.writeNumberProperty("arrived", arrived);
            json.writeNumberProperty("message", about.getOrDefault(byMail.about().id(), arrived));
        } else {
            json.writeNumberProperty("message", arrived);
        }
        json.writeNumberProperty("list", effect.list());
        json.writeStringProperty("function", effect.function());
        json.writeStringProperty("outcome", effect.outcome());
        switch (effect.gate()) {
            case Gate.Arrival(var keys) -> keys(json, keys);
            case Gate.Decision decision -> decision(json, decision, List.of("held", "unconfirmed"), List.of());
            case Gate.DecisionByMail(var keys, _, var decision, var from, var why) -> {
                keys(json, keys);
                decision(json, decision, from, why);
            }
            case Gate.Retry(var aside, var by) -> {
                json.writeObjectPropertyStart("retry");
                json.writeNumberProperty("aside", aside);
                string(json, "by", by);
                json.writeEndObject();
            }
            case Gate.OnceByOctets() -> json.writeBooleanProperty("onceByBytes", true);
        }
        act(json, effect.act());
        json.writeArrayPropertyStart("outgoing");
        if (effect.act() instanceof Act.Publish(var facts, var copies) && copies != null) {
            copies(json, copies, recipients.get(effect.list()));
        }
        effect.owed().forEach(owed -> outgoing(json, owed));
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void keys(JsonGenerator json, List<byte[]> keys) {
        json.writeArrayPropertyStart("keys");
        keys.forEach(key -> json.writeString(HEX.formatHex(key)));
        json.writeEndArray();
    }

    private static void decision(JsonGenerator json, Gate.Decision decision, List<String> from, List<String> why) {
        json.writeObjectPropertyStart("held");
        json.writeNumberProperty("id", decision.held());
        json.writeStringProperty("state", decision.state());
        string(json, "by", decision.by());
        string(json, "comment", decision.comment());
        strings(json, "from", from);
        strings(json, "reasons", why);
        json.writeEndObject();
    }

    private void act(JsonGenerator json, Act act) {
        switch (act) {
            case Act.Publish publish -> post(json, publish.facts());
            case Act.Hold hold -> {
                json.writeObjectPropertyStart("hold");
                json.writeNumberProperty("id", hold.id());
                string(json, "author", hold.author());
                string(json, "subject", hold.subject());
                strings(json, "reasons", hold.reasons());
                json.writeNumberProperty("hours", hold.hours());
                json.writeStringProperty("state", hold.state());
                json.writeEndObject();
            }
            case Act.Failures failures -> {
                json.writeObjectPropertyStart("failures");
                json.writeNumberProperty("number", failures.number());
                json.writeStringProperty("set", failures.set());
                string(json, "forwardPath", failures.forwardPath());
                json.writeArrayPropertyStart("of");
                failures.failures().forEach(failure -> failure(json, failure));
                json.writeEndArray();
                json.writeEndObject();
            }
            case Act.SetAside aside -> {
                json.writeObjectPropertyStart("aside");
                string(json, "forwardPath", aside.forwardPath());
                string(json, "reason", aside.reason());
                json.writeEndObject();
            }
            case Act.Membership membership -> membership(json, membership);
            case Act.Text text -> {
                json.writeObjectPropertyStart("text");
                json.writeStringProperty("language", text.language());
                json.writeStringProperty("name", text.name());
                string(json, "text", text.text());
                json.writeStringProperty("was", text.was());
                json.writeStringProperty("shipped", text.shipped());
                string(json, "by", text.by());
                json.writeEndObject();
            }
            case Act.Nothing() -> {}
        }
    }

    private static void membership(JsonGenerator json, Act.Membership membership) {
        json.writeObjectPropertyStart("membership");
        json.writeStringProperty("op", membership.change().name().toLowerCase(Locale.ROOT));
        json.writeStringProperty("set", membership.set());
        string(json, "mailbox", membership.address().toString());
        string(json, "normal", membership.address().normal());
        string(json, "name", membership.name());
        string(json, "mode", membership.mode());
        string(json, "until", membership.until() == null ? null : membership.until().toString());
        string(json, "event", membership.event().isEmpty() ? null : membership.event());
        string(json, "actor", membership.actor());
        string(json, "client", membership.client());
        json.writeBooleanProperty("proven", membership.proven());
        json.writeEndObject();
    }

    private static void failure(JsonGenerator json, Failure failure) {
        json.writeStartObject();
        string(json, "normal", failure.subscriber().normal());
        json.writeStringProperty("kind", failure.kind().name().toLowerCase(Locale.ROOT));
        json.writeStringProperty("status", failure.status());
        string(json, "diagnostic", failure.diagnostic());
        json.writeEndObject();
    }

    private static void post(JsonGenerator json, PostFacts facts) {
        json.writeObjectPropertyStart("post");
        string(json, "messageId", facts.messageId());
        json.writeNumberProperty("hash", MessageIds.hash(PgText.clean(facts.messageId())));
        strings(json, "refs", facts.refs());
        json.writeArrayPropertyStart("refHashes");
        facts.refs().forEach(ref -> json.writeNumber(MessageIds.hash(PgText.clean(ref))));
        json.writeEndArray();
        string(json, "authorName", facts.authorName());
        string(json, "authorAddress", facts.authorAddress());
        string(json, "subject", facts.subject());
        if (facts.sentAt() != null) {
            string(json, "sentAt", facts.sentAt().toString());
        }
        if (facts.filedAt() != null) {
            string(json, "filedAt", facts.filedAt().toString());
        }
        if (facts.number() != null) {
            json.writeNumberProperty("number", facts.number());
        }
        json.writeEndObject();
    }

    private void copies(JsonGenerator json, Copies copies, @Nullable Recipients subscribers) {
        if (subscribers == null) {
            throw new IllegalStateException("copies are owed, but the subscribers were not read");
        }
        if (subscribers.count() == 0) {
            return;
        }
        json.writeStartObject();
        json.writeStringProperty("kind", "post");
        json.writeStringProperty("reversePath", copies.reversePath());
        edits(json, copies.edits());
        json.writeNumberProperty("recipients", subscribers.count());
        json.writeNumberProperty("batches", subscribers.first());
        json.writeArrayPropertyStart("batchSizes");
        subscribers.batches().forEach(batch -> json.writeNumber(batch.count()));
        json.writeEndArray();
        json.writeEndObject();
    }

    private void outgoing(JsonGenerator json, Outgoing owed) {
        json.writeStartObject();
        json.writeStringProperty("reversePath", owed.reversePath());
        json.writeNumberProperty("recipients", owed.forwardPaths().size());
        strings(json, "forwardPaths", owed.forwardPaths());
        switch (owed) {
            case Outgoing.Notice notice -> {
                json.writeStringProperty("kind", "notice");
                json.writeNumberProperty("octets", add(notice.octets()));
            }
            case Outgoing.Answer answer -> {
                json.writeStringProperty("kind", "notice");
                json.writeNumberProperty("octets", add(answer.octets()));
                if (!answer.when().isEmpty()) {
                    json.writeStringProperty("when", answer.when());
                }
                if (answer.budget() != null) {
                    var normal = answer.budget().address().normal();
                    json.writeObjectPropertyStart("budget");
                    json.writeStringProperty("kind", answer.budget().kind());
                    string(json, "normal", normal);
                    string(json, "domain", normal.substring(normal.lastIndexOf('@') + 1));
                    json.writeEndObject();
                }
            }
            case Outgoing.Forward forward -> {
                json.writeStringProperty("kind", "forward");
                edits(json, forward.edits());
            }
        }
        json.writeEndObject();
    }

    private void edits(JsonGenerator json, List<Edit> edits) {
        json.writeArrayPropertyStart("editAt");
        edits.forEach(edit -> json.writeNumber(edit.at()));
        json.writeEndArray();
        json.writeArrayPropertyStart("editCut");
        edits.forEach(edit -> json.writeNumber(edit.cut()));
        json.writeEndArray();
        json.writeNumberProperty("editPut", octets.size() + 1);
        edits.forEach(edit -> add(edit.put()));
    }

    /// @return its index in the SQL array, which counts from 1
    private int add(byte[] more) {
        octets.add(more);
        return octets.size();
    }

    private static void string(JsonGenerator json, String name, @Nullable String value) {
        if (value != null) {
            json.writeStringProperty(name, PgText.clean(value));
        }
    }

    private static void strings(JsonGenerator json, String name, List<String> values) {
        json.writeArrayPropertyStart(name);
        values.forEach(value -> json.writeString(PgText.clean(value)));
        json.writeEndArray();
    }
}
