package org.listserv.requests;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

import org.listserv.members.MemberSet;

/// What an address says behind the list's name, taken apart: which set it is about, which command, and its arguments. The rest behind the first
/// `-` is the target; arguments stand behind the first `.`, or for `get`, `index` and `thread` behind the letters (ezmlm's grammar).
///
/// @param verb   in lower case: some mail servers change the case of local parts
/// @param args   as written, without the sign that separates them
/// @param target as written, `u=d`; empty where there is none
record Words(MemberSet set, String verb, String args, String target) {
    private static final Pattern DAY = Pattern.compile("(?<y>\\d{4})-?(?<m>\\d{2})-?(?<d>\\d{2})(-(?<target>.*))?");

    static Words of(String command, String rest) {
        for (var set : new MemberSet[]{MemberSet.DIGEST, MemberSet.ALLOW, MemberSet.DENY}) {
            if (command.equals(set.word()) && !rest.isEmpty()) {
                var dash = rest.indexOf('-');
                return of(set, dash < 0 ? rest : rest.substring(0, dash), dash < 0 ? "" : rest.substring(dash + 1));
            }
        }
        return of(MemberSet.MAIN, command, rest);
    }

    private static Words of(MemberSet set, String command, String rest) {
        var lower = command.toLowerCase(Locale.ROOT);
        var letters = 0;
        while (letters < lower.length() && lower.charAt(letters) >= 'a' && lower.charAt(letters) <= 'z') {
            letters++;
        }
        var word = lower.substring(0, letters);
        if (Retrieval.isCommand(word)) {
            // get.12_14, get-12_14 and get12_14 are the same
            var behind = command.substring(letters) + (rest.isEmpty() ? "" : "-" + rest);
            return new Words(set, word, behind.isEmpty() || Character.isDigit(behind.charAt(0)) ? behind : behind.substring(1), "");
        }
        var dot = command.indexOf('.');
        if (dot < 0) {
            return new Words(set, lower, "", rest);
        }
        var args = command.substring(dot + 1);
        var verb = lower.substring(0, dot);
        var day = verb.equals("nomail") ? DAY.matcher(rest.isEmpty() ? args : args + "-" + rest) : DAY.matcher("");
        if (day.matches()) {
            // nomail.2026-12-24-u=d: these dashes belong to the day
            return new Words(set, verb, day.group("y") + day.group("m") + day.group("d"),
                    day.group("target") == null ? "" : day.group("target"));
        }
        // These take no target: a dash belongs to what they are about.
        return Set.of("log", "edit", "ed").contains(verb)
                ? new Words(set, verb, rest.isEmpty() ? args : args + "-" + rest, "")
                : new Words(set, verb, args, rest);
    }
}
