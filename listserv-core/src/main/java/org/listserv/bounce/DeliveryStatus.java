package org.listserv.bounce;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

import org.listserv.bounce.Recipient.Action;
import org.listserv.mail.EmailAddress;

/// The fields of message/delivery-status (RFC 3464 §2.3) that tell about one recipient. Read so that what real MTAs write gives something: no
/// empty line between recipients, no Final-Recipient, fields in the text of a message that lost its MIME structure.
record DeliveryStatus(Map<String, String> fields) {
    private static final List<String> NAMES = List.of("final-recipient", "original-recipient", "action", "status", "diagnostic-code");
    private static final int MAX_VALUE = 4_000;

    DeliveryStatus {
        fields = Map.copyOf(fields);
    }

    /// @return one for each recipient, and for each group of fields that names none but says something
    static List<DeliveryStatus> read(String text) {
        var groups = new ArrayList<DeliveryStatus>();
        var group = new TreeMap<String, String>();
        var name = "";
        for (var line : text.lines().toList()) {
            if (!line.isEmpty() && (line.charAt(0) == ' ' || line.charAt(0) == '\t')) {
                if (!name.isEmpty() && !line.isBlank() && group.getOrDefault(name, "").length() < MAX_VALUE) {
                    group.merge(name, line.strip(), (value, more) -> value.isEmpty() ? more : value + " " + more);
                }
                continue;
            }
            int colon = line.indexOf(':');
            var known = colon < 0 ? "" : line.substring(0, colon).strip().toLowerCase(Locale.ROOT);
            name = NAMES.contains(known) ? known : "";
            // A field for the second time begins the next recipient, where the empty line was forgotten.
            if (line.isBlank() || !name.isEmpty() && !name.equals("diagnostic-code") && !name.equals("status") && group.containsKey(name)) {
                close(group, groups);
            }
            if (!name.isEmpty()) {
                group.putIfAbsent(name, line.substring(colon + 1).strip());
            }
        }
        close(group, groups);
        return groups;
    }

    private static void close(Map<String, String> group, List<DeliveryStatus> groups) {
        if (!group.isEmpty() && groups.size() < ReportText.MAX_RECIPIENTS) {
            groups.add(new DeliveryStatus(group));
        }
        group.clear();
    }

    /// Whether a recipient is told, be it one without an address: a file, a pipe.
    boolean isRecipient() {
        return fields.containsKey("final-recipient") || fields.containsKey("original-recipient");
    }

    Optional<EmailAddress> address() {
        return Addresses.ofField(field("final-recipient")).or(this::original);
    }

    Optional<EmailAddress> original() {
        return Addresses.ofField(field("original-recipient"));
    }

    /// As the Status field has it, empty when it is not a status: `5.0.0 (permanent failure)` is 5.0.0.
    String status() {
        return Diagnosis.status(field("status"));
    }

    /// Without its type (`smtp;`).
    String diagnostic() {
        var value = field("diagnostic-code");
        int type = value.indexOf(';');
        return type >= 0 && type < 30 && value.substring(0, type).strip().indexOf(' ') < 0 ? value.substring(type + 1).strip() : value;
    }

    /// RFC 3464 §2.3.3; `deliverable` is Postfix's answer to a question, `expired` another word for failed.
    ///
    /// @return empty where none is told
    Optional<Action> action() {
        return switch (field("action").split("[\\s;(]", 2)[0].toLowerCase(Locale.ROOT)) {
            case "" -> status().startsWith("2") ? Optional.of(Action.DELIVERED) : Optional.empty();
            case "delayed" -> Optional.of(Action.DELAYED);
            case "delivered", "deliverable" -> Optional.of(Action.DELIVERED);
            case "relayed" -> Optional.of(Action.RELAYED);
            case "expanded" -> Optional.of(Action.EXPANDED);
            default -> Optional.of(Action.FAILED);
        };
    }

    private String field(String name) {
        return fields.getOrDefault(name, "");
    }
}
