package org.listserv.lists;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

import org.listserv.mail.EmailAddress;

/// What a list may be called: a name that can stand before `@` without quotes, and that no other list's commands need.
final class ListName {
    /// dot-string of RFC 5321 §4.1.2 in lower case, without `/` and `=`, which the address grammar uses, and without `%` and `!`,
    /// which mail servers take for routes.
    private static final Pattern NAME = Pattern.compile("[a-z0-9#$&'*+?^_`{|}~-]+(\\.[a-z0-9#$&'*+?^_`{|}~-]+)*");

    /// `L-digest@H` and the like belong to list `L` even where that list does not exist yet.
    private static final List<String> ENDINGS = List.of("-digest", "-owner", "-default", "-request");

    /// RFC 5321 §4.5.1, RFC 2142 §4: addresses of the domain.
    static final Set<String> OF_THE_DOMAIN = Set.of("postmaster", "abuse");

    /// Where commands for all lists of a domain go.
    static final String SITE = "listserv";

    /// First words behind `L-` that mean something to a list. Whatever else follows gets the help text.
    private static final Set<String> COMMANDS = Set.of("owner", "return", "digest", "request", "default", "accept", "reject", "confirm",
            "discard", "help", "info", "faq", "query", "subscribe", "unsubscribe", "list", "listn", "log", "edit", "ed", "dig", "allow",
            "deny",
            "sendsubscribertomod", "moderators", "sc", "uc", "tc", "vc", "rc", "wc", "nomail", "mail", "nc", "mc", "never", "again");

    /// `get`, `index` and `thread` take a format letter and numbers without a separator.
    private static final Pattern RETRIEVAL = Pattern.compile("(get|index|thread)[a-z]?([.-]?\\d.*)?");

    private ListName() {}

    /// @return the name in lower case
    /// @throws RefusedChange when no list may be called so
    static String checked(EmailAddress address) {
        var name = address.localPart().toLowerCase(Locale.ROOT);
        if (name.length() > EmailAddress.MAX_LOCAL_OCTETS) {
            throw refused(address, "is longer than 64 octets (RFC 5321 §4.5.3.1.1)");
        }
        if (!NAME.matcher(name).matches()) {
            throw refused(address, "has a character that cannot stand in the name of a list; use letters, digits, dots, dashes");
        }
        if (name.startsWith("-") || name.endsWith("-")) {
            throw refused(address, "begins or ends with a dash");
        }
        for (var ending : ENDINGS) {
            if (name.endsWith(ending)) {
                throw refused(address,
                        "ends in " + ending + ", which belongs to the list " + name.substring(0, name.length() - ending.length()));
            }
        }
        if (name.equals(SITE)) {
            throw refused(address, "is the address that takes commands for all lists of the domain");
        }
        if (OF_THE_DOMAIN.contains(name)) {
            throw refused(address, "is an address of the domain itself and goes to listserv.postmaster");
        }
        return name;
    }

    /// @throws RefusedChange when mail to one list would be a command to the other
    static void checkBeside(EmailAddress address, String name, List<String> others) {
        for (var other : others) {
            if (isCommandOf(other, name)) {
                throw refused(address, "is a command of the list " + other + "@" + address.domain());
            }
            if (isCommandOf(name, other)) {
                throw refused(address, "would take the address of the list " + other + "@" + address.domain() + " for a command");
            }
        }
    }

    /// Does what follows `L-` begin with a word lists understand?
    static boolean isCommand(String behindTheDash) {
        var words = behindTheDash.toLowerCase(Locale.ROOT);
        return COMMANDS.contains(firstWord(words)) || RETRIEVAL.matcher(words).matches();
    }

    /// Up to the first `-` or `.`.
    static String firstWord(String words) {
        for (int i = 0; i < words.length(); i++) {
            if (words.charAt(i) == '-' || words.charAt(i) == '.') {
                return words.substring(0, i);
            }
        }
        return words;
    }

    private static boolean isCommandOf(String list, String name) {
        return name.startsWith(list + "-") && isCommand(name.substring(list.length() + 1));
    }

    private static RefusedChange refused(EmailAddress address, String why) {
        return new RefusedChange("no list can be called " + address.localPart() + ": the name " + why);
    }
}
