package org.listserv.smtp;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

/// The argument of MAIL or RCPT: `FROM:<path> KEYWORD=value KEYWORD` (RFC 5321 §4.1.2).
///
/// @param path what stands between the angle brackets, a source route taken off (RFC 5321 §4.1.1.3 says to ignore it)
record PathArgument(String path, List<Parameter> parameters) {

    /// @param keyword in upper case
    /// @param value empty when there was none
    record Parameter(String keyword, String value) {}

    /// @param keyword `FROM` or `TO`
    /// @throws CommandSyntaxException with the reply
    static PathArgument parse(String keyword, @Nullable String argument) {
        var syntax = "say " + (keyword.equals("FROM") ? "MAIL" : "RCPT") + " " + keyword + ":<local@domain>";
        if (argument == null || !argument.regionMatches(true, 0, keyword + ":", 0, keyword.length() + 1)) {
            throw new CommandSyntaxException(501, "5.5.4", syntax);
        }
        int open = keyword.length() + 1;
        // A space after the colon is wrong (RFC 5321 §3.3), common, and harmless.
        while (open < argument.length() && argument.charAt(open) == ' ') {
            open++;
        }
        int close = open < argument.length() && argument.charAt(open) == '<' ? closing(argument, open + 1) : -1;
        if (close < 0 || close + 1 < argument.length() && argument.charAt(close + 1) != ' ') {
            throw new CommandSyntaxException(501, "5.5.4", syntax);
        }
        return new PathArgument(withoutRoute(argument.substring(open + 1, close)), parameters(argument.substring(close + 1)));
    }

    /// The `>` that ends the path; one inside a quoted local part does not.
    private static int closing(String argument, int from) {
        boolean quoted = false;
        for (int at = from; at < argument.length(); at++) {
            switch (argument.charAt(at)) {
                case '"' -> quoted = !quoted;
                case '\\' -> at++;
                case '>' -> {
                    if (!quoted) {
                        return at;
                    }
                }
                default -> {
                }
            }
        }
        return -1;
    }

    private static String withoutRoute(String path) {
        int colon = path.indexOf(':');
        return path.startsWith("@") && colon > 0 ? path.substring(colon + 1) : path;
    }

    private static List<Parameter> parameters(String rest) {
        if (rest.isBlank()) {
            return List.of();
        }
        var parameters = new ArrayList<Parameter>();
        var seen = new HashSet<String>();
        for (var word : rest.strip().split(" +")) {
            int equals = word.indexOf('=');
            var keyword = (equals < 0 ? word : word.substring(0, equals)).toUpperCase(Locale.ROOT);
            if (!seen.add(keyword)) {
                throw new CommandSyntaxException(501, "5.5.4", keyword + " is given twice");
            }
            parameters.add(new Parameter(keyword, equals < 0 ? "" : word.substring(equals + 1)));
        }
        return parameters;
    }
}
