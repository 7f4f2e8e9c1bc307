package org.listserv.notices;

import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;

import org.listserv.lists.MailingList;

/// Tells the moderators that a message waits for them. The subject is the one people filter on.
public record HeldNotice(long id, MailingList list, String author, String subject, List<String> reasons, List<String> firstLines) {
    public HeldNotice {
        reasons = List.copyOf(reasons);
        firstLines = List.copyOf(firstLines);
    }

    public byte[] octets(Instant now) {
        var address = list.address();
        var text = """
                A message to %s waits for your decision.

                    Author:   %s
                    Subject:  %s
                    Reason:   %s

                To decide, type one of these on any node of the list server:

                    listserv held accept %d
                    listserv held reject %d --comment "why"
                    listserv held discard %d

                `listserv held show %d` shows all of the message. It begins:

                %s
                """.formatted(address, shown(author), shown(subject),
                reasons.stream().map(HeldNotice::shown).collect(Collectors.joining("\n              ")), id, id,
                id, id,
                firstLines.isEmpty()
                        ? "    (no text)"
                        : firstLines.stream().map(line -> "    " + cut(line)).collect(Collectors.joining("\n")));
        var from = address.localPart() + "-owner@" + address.domain();
        var to = "%s-moderators@%s".formatted(address.localPart(), address.domain());
        return new Notice(from, to, "MODERATE for " + address, text, "auto-generated").octets(now, address.domain());
    }

    /// One line, whatever the author wrote.
    private static String shown(String text) {
        var line = cut(text.strip());
        return line.isEmpty() ? "(none)" : line;
    }

    private static String cut(String text) {
        var line = text.replaceAll("[\\p{Cntrl}]", " ");
        return line.length() <= 200 ? line : line.substring(0, 199) + "…";
    }
}
