package org.listserv.deploy.command;

import java.lang.reflect.InvocationTargetException;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import org.listserv.lists.ListSettings;
import org.listserv.mail.EmailAddress;

/// Writes a document (RFC 8259) from records, maps, collections and plain values; record components become the keys.
final class Json {

    private final StringBuilder out = new StringBuilder();

    private Json() {}

    static String of(Object document) {
        var json = new Json();
        json.value(document, "\n");
        return json.out.toString();
    }

    /// As people write it: `members-or-hold`.
    static String word(Enum<?> choice) {
        return choice.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// @param line the line break and indentation of what encloses this value
    private void value(@Nullable Object value, String line) {
        switch (value) {
            case null -> out.append("null");
            case Optional<?> optional -> value(optional.orElse(null), line);
            case Boolean truth -> out.append(truth);
            case Number number -> out.append(number);
            case Enum<?> word -> string(word(word));
            case Map<?, ?> map -> {
                var separator = open('{');
                for (var entry : map.entrySet()) {
                    separator = member(separator, String.valueOf(entry.getKey()), entry.getValue(), line);
                }
                close(separator, '}', line);
            }
            case EmailAddress address -> string(address.toString());
            case ListSettings.ReplyTo replyTo -> string(replyTo.toString());
            case Record record -> {
                var separator = open('{');
                for (var component : record.getClass().getRecordComponents()) {
                    try {
                        component.getAccessor().setAccessible(true); // the record may be package-private
                        separator = member(separator, component.getName(), component.getAccessor().invoke(record), line);
                    } catch (IllegalAccessException | InvocationTargetException e) {
                        throw new IllegalStateException(e);
                    }
                }
                close(separator, '}', line);
            }
            case Collection<?> collection -> {
                var separator = open('[');
                for (var element : collection) {
                    out.append(separator).append(line).append("  ");
                    value(element, line + "  ");
                    separator = ",";
                }
                close(separator, ']', line);
            }
            default -> string(value.toString());
        }
    }

    private String open(char bracket) {
        out.append(bracket);
        return "";
    }

    private String member(String separator, String name, @Nullable Object value, String line) {
        out.append(separator).append(line).append("  ");
        string(name);
        out.append(": ");
        value(value, line + "  ");
        return ",";
    }

    private void close(String separator, char bracket, String line) {
        if (!separator.isEmpty()) {
            out.append(line);
        }
        out.append(bracket);
    }

    private void string(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    // half a surrogate pair has no UTF-8 form and would come out as a question mark
                    boolean alone = Character.isHighSurrogate(c) && !(i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1)))
                            || Character.isLowSurrogate(c) && !(i > 0 && Character.isHighSurrogate(text.charAt(i - 1)));
                    if (c < ' ' || c == 0x7f || alone) {
                        out.append("\\u%04x".formatted((int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
