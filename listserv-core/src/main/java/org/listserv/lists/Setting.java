package org.listserv.lists;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.listserv.lists.ListSettings.Archive;
import org.listserv.lists.ListSettings.Personal;
import org.listserv.lists.ListSettings.Posting;
import org.listserv.lists.ListSettings.Refused;
import org.listserv.lists.ListSettings.ReplyTo;
import org.listserv.lists.ListSettings.Retrieval;
import org.listserv.lists.ListSettings.State;
import org.listserv.lists.ListSettings.Subscribing;
import org.listserv.lists.ListSettings.Switch;
import org.listserv.lists.ListSettings.TimedOut;
import org.listserv.lists.ListSettings.Unsubscribing;
import org.listserv.lists.ListSettings.Verp;
import org.listserv.lists.ListSettings.Word;
import org.listserv.mail.AddressSyntaxException;
import org.listserv.mail.EmailAddress;

/// Every setting of a list there is: the keys of `--set`, what they mean to people, what they may be.
public enum Setting {
    STATE("active takes posts and subscribers; closed takes neither and keeps the archive readable.", words(State.class),
            s -> s.state().word(), (row, v) -> row.state = word(State.class, v)),
    DESCRIPTION(
            "What the list is for, in one line; shown in the archive and in mail about the list.", "one line, up to 500 characters",
            ListSettings::description, (row, v) -> row.description = line(v, 500)),
    LANGUAGE(
            "Language of the mail the list itself writes.", "a language tag such as en or de-CH",
            ListSettings::language, (row, v) -> row.language = language(v)),
    PREFIX(
            "Put before the subject of copies, as [dev]; the last # becomes the post's number. Breaks the author's DKIM signature.",
            "one line, up to 100 characters, or empty for none", ListSettings::prefix,
            (row, v) -> row.prefix = line(v, 100)),
    FOOTER(
            "Text at the end of copies. Breaks the author's DKIM signature.",
            "up to 4000 characters, \\n for a new line, or empty for none",
            ListSettings::footer, (row, v) -> row.footer = text(v, 4000)),
    REPLY_TO(
            "Where answers to a post go by default.", "author, list, or an address",
            s -> s.replyTo().toString(), (row, v) -> row.replyTo = replyTo(v).toString()),
    POSTING(
            "Who may post. members-or-hold lets others wait for a moderator; moderated lets everyone wait.",
            words(Posting.class),
            s -> s.posting().word(),
            (row, v) -> row.posting = word(Posting.class, v)),
    REFUSED(
            "What becomes of a message the list refuses when the server before us has already accepted it.",
            words(Refused.class),
            s -> s.refused().word(),
            (row, v) -> row.refused = word(Refused.class, v)),
    SUBSCRIBING(
            "What it takes to subscribe: nothing, the subscriber's confirmation, a moderator's approval too, or not at all.",
            words(Subscribing.class), s -> s.subscribing().word(),
            (row, v) -> row.subscribing = word(Subscribing.class,
                    v)),
    UNSUBSCRIBING(
            "Whether leaving by mail has to be confirmed.",
            words(Unsubscribing.class),
            s -> s.unsubscribing().word(),
            (row, v) -> row.unsubscribing = word(
                    Unsubscribing.class, v)),
    ARCHIVE(
            "Who may read the archive. off shows it to nobody; posts are kept all the same.",
            words(Archive.class),
            s -> s.archive().word(),
            (row, v) -> row.archive = word(
                    Archive.class,
                    v)),
    MAX_SIZE(
            "Largest message the list takes.",
            "octets, or with KB or MB (1024-based); 0 is the server's limit",
            s -> Long
                    .toString(
                            s.maxSize()),
            (row, v) -> row.maxSize = size(
                    v,
                    0)),
    MIN_SIZE(
            "Smallest body the list takes.",
            "octets, or with KB or MB (1024-based)",
            s -> Long
                    .toString(
                            s.minSize()),
            (row, v) -> row.minSize = size(
                    v,
                    0)),
    REMOVE_HEADERS(
            "Header fields that copies do not carry.",
            "field names, separated by commas",
            s -> String
                    .join(",",
                            s.removeHeaders()),
            (row, v) -> row.removeHeaders = fieldNames(
                    v)),
    ADD_HEADERS(
            "Header fields that copies carry in addition.",
            "fields as Name: value, separated by \\n",
            s -> String
                    .join("\n",
                            s.addHeaders()),
            (row, v) -> row.addHeaders = fields(
                    v)),
    REJECT_TYPES(
            "Media types that make the list refuse a message.",
            "types as image/gif or image, separated by commas",
            s -> String
                    .join(",",
                            s.rejectTypes()),
            (row, v) -> row.rejectTypes = mediaTypes(
                    v)),
    REMOVE_TYPES(
            "Media types whose parts are cut out of copies.",
            "types as text/html or image, separated by commas",
            s -> String
                    .join(",",
                            s.removeTypes()),
            (row, v) -> row.removeTypes = mediaTypes(
                    v)),
    DIGEST_COUNT(
            "A digest is sent after this many posts,",
            "a whole number from 1",
            s -> Integer
                    .toString(
                            s.digestCount()),
            (row, v) -> row.digestCount = number(
                    v,
                    1,
                    Integer.MAX_VALUE)),
    DIGEST_SIZE(
            "or after this much text,",
            "octets, or with KB or MB (1024-based)",
            s -> Long
                    .toString(
                            s.digestSize()),
            (row, v) -> row.digestSize = size(
                    v,
                    1)),
    DIGEST_HOURS(
            "or when the last one is this long ago and there is something to send.",
            "hours from 1",
            s -> Integer
                    .toString(
                            s.digestHours()),
            (row, v) -> row.digestHours = number(
                    v,
                    1,
                    Integer.MAX_VALUE)),
    HOLD_HOURS(
            "How long a message waits for a moderator.",
            "hours from 24 to 240",
            s -> Integer
                    .toString(
                            s.holdHours()),
            (row, v) -> row.holdHours = number(
                    v,
                    24,
                    240)),
    VERP(
            "Every copy has its own envelope sender, so that a bounce names the subscriber.",
            words(Verp.class),
            s -> s.verp()
                    .word(),
            (row, v) -> row.verp = word(
                    Verp.class,
                    v)),
    PERSONAL(
            "What makes each copy its own: nothing, the subscriber in List-Unsubscribe, or (footer) that and a line that names him at the end.",
            words(Personal.class),
            s -> s.personal()
                    .word(),
            (row, v) -> row.personal = word(
                    Personal.class,
                    v)),
    REMOTE_ADMIN("Whether moderators subscribe and unsubscribe others by mail.", words(Switch.class), s -> s.byMail().remoteAdmin().word(),
            (row, v) -> row.remoteAdmin = word(Switch.class, v)),
    MEMBER_LIST("Whether moderators get the list of members and its log by mail.", words(Switch.class), s -> s.byMail().memberList().word(),
            (row, v) -> row.memberList = word(Switch.class, v)),
    TEXT_EDITING("Whether moderators edit the texts of the list's mail by mail.", words(Switch.class), s -> s.byMail().textEditing().word(),
            (row, v) -> row.textEditing = word(Switch.class, v)),
    RETRIEVAL("Who gets posts by mail, among those who may read the archive.", words(Retrieval.class), s -> s.byMail().retrieval().word(),
            (row, v) -> row.retrieval = word(Retrieval.class, v)),
    CONFIRM_POSTS("Whether authors have to confirm each of their posts.", words(Switch.class), s -> s.byMail().confirmPosts().word(),
            (row, v) -> row.confirmPosts = word(Switch.class, v)),
    TIMED_OUT("What becomes of a post no moderator decided about in time; return tells its author.", words(TimedOut.class),
            s -> s.byMail().timedOut().word(), (row, v) -> row.timedOut = word(TimedOut.class, v)),
    FLOOD_LIMIT("More posts than this in an hour make the list moderated, until somebody sets posting again.",
            "a whole number; 0 is no limit",
            s -> Integer.toString(s.byMail().floodLimit()), (row, v) -> row.floodLimit = number(v, 0, Integer.MAX_VALUE));

    private static final Pattern SIZE = Pattern.compile("(\\d{1,12}) ?(k|kb|m|mb)?");
    private static final Pattern FIELD_NAME = Pattern.compile("[!-9;-~]{1,76}"); // RFC 5322 §3.6.8
    private static final Pattern MEDIA_TYPE = Pattern.compile("[a-z0-9!#$&^_.+-]{1,127}(/[a-z0-9!#$&^_.+-]{1,127})?"); // RFC 6838 §4.2
    private static final Pattern LANGUAGE_TAG = Pattern.compile("[a-z]{2,8}(-[a-z0-9]{1,8})*");

    private final String meaning;
    private final String allowed;
    private final Function<ListSettings, String> text;
    private final BiConsumer<ListRow, String> set;

    Setting(String meaning, String allowed, Function<ListSettings, String> text, BiConsumer<ListRow, String> set) {
        this.meaning = meaning;
        this.allowed = allowed;
        this.text = text;
        this.set = set;
    }

    /// As people type it: `max-size`.
    public String key() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// One sentence for people.
    public String meaning() {
        return meaning;
    }

    /// What may be given, for people.
    public String allowed() {
        return allowed;
    }

    /// What a new list has.
    public String defaultText() {
        return text(new ListRow().settings());
    }

    /// The value as it could be given to [#parse].
    public String text(ListSettings settings) {
        return text.apply(settings);
    }

    /// Reads `--set` for several settings; all mistakes are reported together.
    ///
    /// @param given key to value
    /// @throws SettingException naming each wrong key or value and what it could be
    public static Map<Setting, String> parse(Map<String, String> given) {
        var parsed = new TreeMap<Setting, String>();
        var mistakes = new ArrayList<String>();
        given.forEach((key, value) -> {
            try {
                var setting = of(key);
                parsed.put(setting, setting.checked(value));
            } catch (SettingException e) {
                mistakes.add(e.getMessage());
            }
        });
        if (!mistakes.isEmpty()) {
            throw new SettingException(String.join("; ", mistakes));
        }
        return parsed;
    }

    /// The settings a list has that was created with these.
    ///
    /// @throws SettingException as [#parse]
    public static ListSettings settings(Map<String, String> given) {
        var row = new ListRow();
        parse(given).forEach((setting, value) -> setting.assign(row, value));
        return row.settings();
    }

    /// @throws SettingException naming all keys when there is no such key
    public static Setting of(String key) {
        for (var setting : values()) {
            if (setting.key().equals(key)) {
                return setting;
            }
        }
        throw new SettingException("there is no setting '" + key + "'; there are: "
                + Arrays.stream(values()).map(Setting::key).collect(Collectors.joining(", ")));
    }

    /// The value as it will be kept.
    String checked(String value) {
        var row = new ListRow();
        assign(row, value);
        return text(row.settings());
    }

    void assign(ListRow row, String value) {
        try {
            set.accept(row, value);
        } catch (IllegalArgumentException e) {
            throw new SettingException(key() + " cannot be '" + value + "': " + e.getMessage() + "; allowed: " + allowed);
        }
    }

    static <E extends Enum<E> & Word> E choice(Class<E> choices, String word) {
        return Arrays.stream(choices.getEnumConstants())
                .filter(choice -> choice.word().equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no such choice"));
    }

    static ReplyTo replyTo(String value) {
        return switch (value.strip()) {
            case "author" -> new ReplyTo.Author();
            case "list" -> new ReplyTo.List();
            default -> {
                try {
                    yield new ReplyTo.Address(EmailAddress.parse(value.strip()));
                } catch (AddressSyntaxException e) {
                    throw new IllegalArgumentException(e.getMessage(), e);
                }
            }
        };
    }

    private static <E extends Enum<E> & Word> String words(Class<E> choices) {
        return Arrays.stream(choices.getEnumConstants()).map(Word::word).collect(Collectors.joining(", "));
    }

    private static <E extends Enum<E> & Word> String word(Class<E> choices, String value) {
        return choice(choices, value.strip().toLowerCase(Locale.ROOT)).word();
    }

    private static String line(String value, int most) {
        if (value.codePoints().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("it has a line end or a control character");
        }
        return limited(value.strip(), most);
    }

    /// A shell makes it hard to type a line end, so `\n` is one.
    private static String text(String value, int most) {
        var text = value.replace("\\n", "\n").replace("\r\n", "\n");
        if (text.codePoints().anyMatch(c -> Character.isISOControl(c) && c != '\n' && c != '\t')) {
            throw new IllegalArgumentException("it has a control character");
        }
        return limited(text.stripTrailing(), most);
    }

    private static String limited(String value, int most) {
        if (value.length() > most) {
            throw new IllegalArgumentException("it has " + value.length() + " characters");
        }
        return value;
    }

    private static String language(String value) {
        if (!LANGUAGE_TAG.matcher(value.strip().toLowerCase(Locale.ROOT)).matches()) {
            throw new IllegalArgumentException("not a language tag");
        }
        return Locale.forLanguageTag(value.strip()).toLanguageTag();
    }

    private static int number(String value, int least, int most) {
        int number;
        try {
            number = Integer.parseInt(value.strip());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("not a whole number", e);
        }
        if (number < least || number > most) {
            throw new IllegalArgumentException("out of range");
        }
        return number;
    }

    private static long size(String value, long least) {
        var size = SIZE.matcher(value.strip().toLowerCase(Locale.ROOT));
        if (!size.matches()) {
            throw new IllegalArgumentException("not a size");
        }
        long unit = switch (size.group(2)) {
            case null -> 1;
            case "k", "kb" -> 1024;
            default -> 1024 * 1024;
        };
        long octets = Long.parseLong(size.group(1)) * unit;
        if (octets < least || octets > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("out of range");
        }
        return octets;
    }

    private static String[] fieldNames(String value) {
        return items(value, ",").stream()
                .map(name -> matching(FIELD_NAME, name, "not the name of a header field: "))
                .toArray(String[]::new);
    }

    private static String[] mediaTypes(String value) {
        return items(value.toLowerCase(Locale.ROOT), ",").stream()
                .map(type -> matching(MEDIA_TYPE, type, "not a media type: "))
                .toArray(String[]::new);
    }

    private static String[] fields(String value) {
        return items(value.replace("\\n", "\n"), "\n").stream().map(Setting::field).toArray(String[]::new);
    }

    private static String field(String field) {
        int colon = field.indexOf(':');
        if (colon < 0 || !FIELD_NAME.matcher(field.substring(0, colon)).matches()) {
            throw new IllegalArgumentException("not a header field: " + field);
        }
        // RFC 5322 §2.1.1: a line of a message has at most 998 characters.
        return limited(field.substring(0, colon) + ": " + line(field.substring(colon + 1), 900), 998);
    }

    private static String matching(Pattern pattern, String item, String otherwise) {
        if (!pattern.matcher(item).matches()) {
            throw new IllegalArgumentException(otherwise + item);
        }
        return item;
    }

    private static List<String> items(String value, String separator) {
        return Arrays.stream(value.split(separator)).map(String::strip).filter(item -> !item.isEmpty()).distinct().toList();
    }
}
