package org.listserv.requests;

import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import org.listserv.posting.Intake.Act;

/// Who is on the list and who came and went, for its moderators: sent to a stored address and to no other.
final class Reports {
    private static final int AT_ONCE = 5_000;
    private static final int MOST_LINES = 20_000;
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss xx", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private static final String LOG = """
            select at, event, address, name
              from (select id, at, event, address, name from membership_log
                     where list_id = ? and kind = ? and (? = '' or address || ' ' || name || ' ' || event ilike ?)
                     order by id desc limit ?) newest
             order by id
            """;

    private Reports() {}

    static Answered list(Dialogue d, boolean onlyNumber) {
        var to = d.moderator();
        if (to.isEmpty() || !d.list.settings().byMail().memberList().isOn()) {
            return d.refuses("mod-only");
        }
        var text = new StringBuilder();
        long count = 0;
        if (onlyNumber) {
            var counts = d.kit.members().counts(d.list.id());
            count = switch (d.set) {
                case MAIN -> counts.main();
                case DIGEST -> counts.digest();
                case ALLOW -> counts.allow();
                case DENY -> counts.deny();
            };
        } else {
            var page = d.kit.members().page(d.list.id(), d.set, Optional.empty(), AT_ONCE);
            while (true) {
                page.rows().forEach(member -> text.append(member.address()).append('\n'));
                count += page.rows().size();
                if (page.next().isEmpty()) {
                    break;
                }
                page = d.kit.members().page(d.list.id(), d.set, page.next(), AT_ONCE);
            }
        }
        text.append("\n======> Total addresses: ").append(count).append('\n');
        return report(d, onlyNumber ? "listn" : "list", "Subscriber list for " + d.spokenAddress(), text.toString());
    }

    /// @param search any part of a line; `_` is any character, as is all that is no letter, digit or dot
    static Answered log(Dialogue d, String search) {
        var settings = d.list.settings().byMail();
        if (d.administrator().isEmpty() || !settings.memberList().isOn()) {
            return d.refuses("mod-only");
        }
        var pattern = search.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9.]", "_");
        String lines = d.kit.database().read(connection -> {
            try (var ask = connection.prepareStatement(LOG)) {
                ask.setLong(1, d.list.id());
                ask.setString(2, d.set.word());
                ask.setString(3, pattern);
                ask.setString(4, "%" + pattern + "%");
                ask.setInt(5, MOST_LINES);
                try (var rows = ask.executeQuery()) {
                    var text = new StringBuilder();
                    while (rows.next()) {
                        text.append(DATE.format(rows.getTimestamp(1).toInstant())).append(' ').append(rows.getString(2)).append(' ')
                                .append(rows.getString(3)).append(rows.getString(4).isEmpty() ? "" : " " + rows.getString(4)).append('\n');
                    }
                    return text.toString();
                }
            }
        });
        return report(d, "log", "Log for " + d.spokenAddress(), lines.isEmpty() ? d.phrase("empty-log") + "\n" : lines);
    }

    private static Answered report(Dialogue d, String outcome, String subject, String text) {
        var to = d.moderator().orElseThrow();
        var letter = d.letter(to.toString(), subject, text, d.tags(to));
        return d.answered(outcome, new Act.Nothing(), List.of(d.owed(letter, to, "", Dialogue.stored(to))));
    }
}
