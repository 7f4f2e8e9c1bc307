package org.listserv.requests;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

import org.listserv.mail.MimeView;
import org.listserv.mail.Sha256;
import org.listserv.notices.Texts;
import org.listserv.posting.Intake.Act;
import org.listserv.posting.Intake.Outgoing;

/// Texts of the list's mail, changed by mail: a moderator gets a text between two marks, replies with another between the same marks. The
/// token in the address he replies to covers the text that was sent, so it ends when anybody changes that text.
final class Editing {
    /// As long as ezmlm's, up to the next hour.
    private static final Duration VALID = Duration.ofSeconds(100_000);
    private static final int MOST_OCTETS = 10_240;
    private static final String START = "%%% START OF TEXT FILE";
    private static final String END = "%%% END OF TEXT FILE";
    private static final Pattern EDITED = Pattern.compile("(?<name>[A-Za-z_-]+)\\.(?<token>[A-Za-z2-7]{26})");
    /// Of the site, not of a list.
    private static final String NOT_HERE = "site-help";

    private Editing() {}

    static Answered send(Dialogue d, String file) {
        var to = d.administrator();
        if (to.isEmpty() || !d.list.settings().byMail().textEditing().isOn()) {
            return d.refuses("mod-only");
        }
        var moderator = to.get();
        var name = name(file);
        var tags = d.tags(moderator);
        if (name.isEmpty()) {
            tags.put("names", Texts.NAMES.stream().filter(one -> !one.equals(NOT_HERE)).map(one -> "    " + one + "\n")
                    .reduce("", String::concat));
            var letter = d.letter(moderator, "Texts of " + d.list.address(), "edit-list", tags);
            return d.answered("edit", new Act.Nothing(), List.of(d.owed(d.quoting(letter), moderator, "", Dialogue.stored(moderator))));
        }
        var text = d.raw(name.get());
        var token = d.kit.tokens().make("ed", d.list.id(), subject(name.get(), text), d.kit.clock().instant(), VALID);
        tags.put("name", name.get());
        tags.put("text", text.endsWith("\n") ? text : text + "\n");
        for (var tag : List.of("A", "R", "L", "h")) {
            tags.put("tag-" + tag, "<#" + tag + "#>");
        }
        var letter = d.letter(moderator, "edit " + name.get() + " of " + d.list.address(), "edit-do", tags)
                .replyTo(d.list.localPart() + "-ed." + name.get() + "." + token + "@" + d.list.domain());
        return d.answered("edit " + name.get(), new Act.Nothing(), List.of(d.owed(letter, moderator, "", Dialogue.stored(moderator))));
    }

    /// @param args `NAME.TOKEN`
    static Answered receive(Dialogue d, String args) {
        var edited = EDITED.matcher(args);
        var name = edited.matches() ? name(edited.group("name")) : Optional.<String>empty();
        if (name.isEmpty() || !d.list.settings().byMail().textEditing().isOn()) {
            return bad(d, d.phrase("edit-incomplete"), true);
        }
        var stands = d.raw(name.get());
        if (!d.kit.tokens().isValid(edited.group("token"), "ed", d.list.id(), subject(name.get(), stands), d.kit.clock().instant())) {
            return bad(d, d.phrase("edit-late"), true);
        }
        var text = between(MimeView.of(d.mail.octets()).bodyText());
        if (text.isEmpty()) {
            return bad(d, d.phrase("edit-no-marks"), false);
        }
        if (text.get().getBytes(StandardCharsets.UTF_8).length > MOST_OCTETS) {
            return bad(d, d.phrase("edit-too-long", Map.of("octets", Integer.toString(MOST_OCTETS))), false);
        }
        var shipped = d.kit.texts().withoutOwn(d.list).getOrDefault(name.get(), "");
        var act = new Act.Text(d.list.settings().language(), name.get(), text.get(), hash(stands), hash(shipped), d.sender.toString());
        var tags = d.tags(d.sender);
        tags.put("name", name.get());
        tags.put("what", d.phrase("edit-stale"));
        List<Outgoing> owed = List.of(
                d.owed(d.letter(d.sender, "edit " + name.get() + " of " + d.list.address(), "edit-done", tags), d.sender, "changed", null),
                d.owed(d.letter(d.sender, "edit " + name.get() + " of " + d.list.address(), "edit-bad", tags), d.sender, "stale", null));
        return d.answered("edit " + name.get() + ": changed", act, owed);
    }

    /// @param budgeted whether who sent it has not proved himself
    private static Answered bad(Dialogue d, String what, boolean budgeted) {
        if (budgeted) {
            return d.says("refused: edit", "edit of " + d.list.address(), "edit-bad", Map.of("what", what));
        }
        var tags = d.tags(d.sender);
        tags.put("what", what);
        var letter = d.letter(d.sender, "edit of " + d.list.address(), "edit-bad", tags);
        return d.answered("refused: edit", new Act.Nothing(), List.of(d.owed(d.quoting(letter), d.sender, "", null)));
    }

    /// ezmlm writes `_` for the `-` of a name.
    private static Optional<String> name(String file) {
        var name = file.toLowerCase(Locale.ROOT).replace('_', '-');
        return Texts.NAMES.contains(name) && !name.equals(NOT_HERE) ? Optional.of(name) : Optional.empty();
    }

    /// What stands between the marks, without what a mail program put in front of each line.
    static Optional<String> between(String body) {
        var lines = body.lines().toList();
        for (var i = 0; i < lines.size(); i++) {
            var start = lines.get(i).indexOf(START);
            if (start < 0) {
                continue;
            }
            var prefix = lines.get(i).substring(0, start);
            var text = new StringBuilder();
            for (var line : lines.subList(i + 1, lines.size())) {
                if (line.contains(END)) {
                    return Optional.of(text.toString());
                }
                text.append(unquoted(line, prefix)).append('\n');
            }
        }
        return Optional.empty();
    }

    private static String unquoted(String line, String prefix) {
        if (line.startsWith(prefix)) {
            return line.substring(prefix.length());
        }
        return line.equals(prefix.stripTrailing()) ? "" : line;      // white space at the end of lines gets lost
    }

    private static String subject(String name, String text) {
        return name + " " + hash(text);
    }

    private static String hash(String text) {
        return HexFormat.of().formatHex(Sha256.of(text.getBytes(StandardCharsets.UTF_8)));
    }
}
