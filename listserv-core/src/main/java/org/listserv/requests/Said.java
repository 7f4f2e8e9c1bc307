package org.listserv.requests;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/// What a moderator says about one of several posts: `12 ok`, `13 reject please ask on the other list`, one or more on a line.
///
/// @param id      of the held message
/// @param state   `accepted`, `rejected` or `discarded`
/// @param comment for the author of a rejected one: the rest of the line
record Said(long id, String state, @Nullable String comment) {
    private static final Pattern DECISION = Pattern
            .compile("(?i)(?<![\\w.@#-])#?(?<id>\\d{1,18})[.:)]?\\s+(?<verb>ok|yes|accept|no|reject|discard|drop|spam)\\b[.:,;]?");

    /// Quotations do not count, and of two decisions about one post the first does.
    static List<Said> all(String body) {
        var all = new ArrayList<Said>();
        var seen = new HashSet<Long>();
        for (var line : Spoken.ownLines(body)) {
            var decisions = DECISION.matcher(line).results().toList();
            for (var i = 0; i < decisions.size(); i++) {
                var end = i + 1 < decisions.size() ? decisions.get(i + 1).start() : line.length();
                var id = Long.parseLong(decisions.get(i).group("id"));
                if (seen.add(id)) {
                    all.add(of(id, decisions.get(i).group("verb"), line.substring(decisions.get(i).end(), end)));
                }
            }
        }
        return all;
    }

    private static Said of(long id, String verb, String rest) {
        return switch (verb.toLowerCase(Locale.ROOT)) {
            case "ok", "yes", "accept" -> new Said(id, "accepted", null);
            case "no", "reject" -> new Said(id, "rejected", rest.isBlank() ? null : rest.strip());
            default -> new Said(id, "discarded", null);
        };
    }
}
