package org.listserv.bounce;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

import org.listserv.bounce.Recipient.Kind;
import org.listserv.mail.Corpora;

/// Reports of many MTAs with what another reader of bounces makes of them.
final class BounceCorpus {
    static final String FOLDER = "bounces/sisimai/";
    private static final Set<String> NOTHING = Set.of("vacation", "feedback", "delivered");
    private static final Set<String> POLICY = Set.of("authfailure", "badreputation", "blocked", "contenterror", "failedstarttls",
            "norelaying", "notcompliantrfc", "policyviolation", "rejected", "requireptr", "securityerror", "spamdetected", "virusdetected",
            "mesgtoobig", "exceedlimit");

    private BounceCorpus() {}

    /// @param status its own inventions (`5.0.9xx`) are none
    record Expected(String status, String reason, Kind kind) {
        static Expected of(String status, String reason, boolean isHard) {
            var kind = NOTHING.contains(reason) ? Kind.NONE : isHard ? Kind.HARD : POLICY.contains(reason) ? Kind.POLICY : Kind.SOFT;
            return new Expected(status.matches("[45]\\.0\\.9\\d\\d") ? "" : status, reason, kind);
        }
    }

    /// By file name, one for each recipient.
    static Map<String, List<Expected>> expected() {
        var all = new TreeMap<String, List<Expected>>();
        try (var in = Files.newInputStream(Corpora.file(FOLDER + "expected.json"));
                var json = new JsonFactory().createParser(ObjectReadContext.empty(), in)) {
            var file = "";
            var fields = new TreeMap<String, String>();
            for (var token = json.nextToken(); token != null; token = json.nextToken()) {
                if (token == JsonToken.START_ARRAY) {
                    file = json.currentName();
                    all.put(file, new ArrayList<>());
                } else if (token == JsonToken.END_OBJECT && !fields.isEmpty()) {
                    all.getOrDefault(file, new ArrayList<>())
                            .add(Expected.of(fields.get("status"), fields.get("reason"), fields.get("hardBounce").equals("true")));
                    fields.clear();
                } else if (token.isScalarValue()) {
                    fields.put(json.currentName(), json.getString());
                }
            }
            return all;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Path file(String name) {
        return Corpora.file(FOLDER + "lf/" + name);
    }

    static List<Recipient> recipients(ReportReader reader, byte[] octets) {
        return reader.read(octets) instanceof Report.Delivery(var recipients) ? recipients : List.of();
    }
}
