package org.listserv.notices;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import org.listserv.lists.MailingList;
import org.listserv.store.Database;

/// The texts of the mail we write. The program ships one for each name and language; a folder of this node may have files in their place, and
/// further languages; the site, and each list, may have its own (`notice_text`). Asked in this order: the list's in its language, the site's, the
/// file's, the shipped one, the same for the language without what follows its first `-`, English.
///
/// `<#A#>` in a text stands for the address it is about, `<#R#>` for the one to reply to, `<#L#>` for the list's name, `<#l#>` for the list or
/// its digest, `<#h#>` for the host, `<#t#>` for the address with `=` in place of `@`; as ezmlm has them. Others are named in words.
public final class Texts {
    /// All there are, in the order they are shown to who may edit them.
    public static final List<String> NAMES = List.of("top", "bottom", "help", "mod-help", "info", "faq", "sub-confirm", "sub-ok", "sub-nop",
            "sub-bad", "unsub-confirm", "unsub-ok", "unsub-nop", "unsub-bad", "mod-sub-confirm", "mod-unsub-confirm", "mod-bad",
            "access-ok",
            "mode-confirm", "mode-ok", "mode-bad", "query", "never-ok", "again-ok", "closed", "mod-only", "mod-request", "mod-reject",
            "mod-timeout",
            "mod-decided", "mod-both", "post-confirm", "get-bad", "edit-list", "edit-do", "edit-done", "edit-bad", "mod-held",
            "mod-several", "where", "site-help", "phrases");

    /// Not a letter: what is said in letters in one way or another, as lines of `name: words`.
    private static final String PHRASES = "phrases";

    public static final String ENGLISH = "en";
    /// In place of a list's id: the whole site.
    public static final long SITE = 0;

    private static final Pattern TAG = Pattern.compile("<#([A-Za-z-]+)#>");
    private static final Map<String, Optional<String>> SHIPPED = new ConcurrentHashMap<>();

    private static final String OWN = """
            select name, text, list_id from notice_text where list_id in (?, 0) and language = ? order by list_id
            """;

    private static final String SET = """
            with changed as (
                insert into notice_text as t (list_id, language, name, text) values (?, ?, ?, ?)
                    on conflict (list_id, language, name) do update set text = excluded.text, since = clock_now() where t.text <> excluded.text
                returning t.list_id, t.language, t.name)
            insert into audit (at, actor, action, list_id, subject, after)
            select clock_now(), ?, 'text.set', nullif(list_id, 0), name, jsonb_build_object('language', language) from changed
            """;

    private static final String RESET = """
            with changed as (
                delete from notice_text where list_id = ? and language = ? and name = ? returning list_id, language, name)
            insert into audit (at, actor, action, list_id, subject, before)
            select clock_now(), ?, 'text.reset', nullif(list_id, 0), name, jsonb_build_object('language', language) from changed
            """;

    private final Database database;
    private final @Nullable Path folder;
    private final Map<String, Optional<String>> files = new ConcurrentHashMap<>();

    /// Without files.
    public Texts(Database database) {
        this.database = database;
        this.folder = null;
    }

    /// @param folder with files `LANGUAGE/NAME.txt`, read once; need not be there
    public Texts(Database database, Path folder) {
        this.database = database;
        this.folder = folder;
    }

    /// A text, not filled in, and whose it is.
    public record Text(String text, From from) {}

    public enum From {
        SHIPPED,
        FILE,
        SITE,
        LIST
    }

    /// All texts as they hold for a list, not filled in.
    public Map<String, String> of(MailingList list) {
        return words(all(list.id(), list.settings().language()));
    }

    /// The same for mail that is of no list.
    public Map<String, String> ofSite() {
        return words(all(SITE, ENGLISH));
    }

    /// What would hold for a list if it had none of its own.
    public Map<String, String> withoutOwn(MailingList list) {
        return words(all(SITE, list.settings().language()));
    }

    private static Map<String, String> words(Map<String, Text> all) {
        var words = new HashMap<String, String>();
        all.forEach((name, text) -> words.put(name, text.text()));
        return words;
    }

    /// All there are, in order.
    ///
    /// @param list [#SITE] for what holds where a list has none of its own
    public Map<String, Text> all(long list, String language) {
        var texts = new LinkedHashMap<String, Text>();
        for (var name : NAMES) {
            texts.put(name, withoutOwn(language, name).or(() -> withoutOwn(primary(language), name)).or(() -> withoutOwn(ENGLISH, name))
                    .orElseThrow());
        }
        return database.read(connection -> {
            try (var ask = connection.prepareStatement(OWN)) {
                ask.setLong(1, list);
                ask.setString(2, language);
                try (var rows = ask.executeQuery()) {
                    while (rows.next()) {     // the site's first, then the list's over it
                        texts.replace(rows.getString(1), new Text(rows.getString(2), rows.getLong(3) == SITE ? From.SITE : From.LIST));
                    }
                }
                return texts;
            }
        });
    }

    /// Puts a text in place of what holds.
    ///
    /// @param list [#SITE] for all lists that have none of their own
    /// @return false when it was that already
    public boolean set(long list, String language, String name, String text, String actor) {
        return database.write(connection -> {
            try (var set = connection.prepareStatement(SET)) {
                set.setLong(1, list);
                set.setString(2, language);
                set.setString(3, name);
                set.setString(4, text);
                set.setString(5, actor);
                return set.executeUpdate() > 0;
            }
        });
    }

    /// What holds without it holds again.
    ///
    /// @return false when there was none
    public boolean reset(long list, String language, String name, String actor) {
        return database.write(connection -> {
            try (var reset = connection.prepareStatement(RESET)) {
                reset.setLong(1, list);
                reset.setString(2, language);
                reset.setString(3, name);
                reset.setString(4, actor);
                return reset.executeUpdate() > 0;
            }
        });
    }

    /// `de` for `de-CH` (RFC 5646 §2.1).
    private static String primary(String language) {
        var dash = language.indexOf('-');
        return dash < 0 ? language : language.substring(0, dash);
    }

    private Optional<Text> withoutOwn(String language, String name) {
        return file(language, name).map(text -> new Text(text, From.FILE))
                .or(() -> shipped(language, name).map(text -> new Text(text, From.SHIPPED)));
    }

    private Optional<String> file(String language, String name) {
        if (folder == null || !language.matches("[A-Za-z0-9-]+")) {
            return Optional.empty();
        }
        var file = folder.resolve(language).resolve(name + ".txt");
        return files.computeIfAbsent(language + "/" + name, _ -> {
            try {
                return Files.isRegularFile(file)
                        ? Optional.of(new String(Files.readAllBytes(file), StandardCharsets.UTF_8))
                        : Optional.empty();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    /// As the program ships it.
    static Optional<String> shipped(String language, String name) {
        return SHIPPED.computeIfAbsent(language + "/" + name + ".txt", Texts::read);
    }

    private static Optional<String> read(String file) {
        if (!file.matches("[A-Za-z0-9/.-]+")) {
            return Optional.empty();
        }
        try (var in = Texts.class.getResourceAsStream(file)) {
            return in == null ? Optional.empty() : Optional.of(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// @throws IllegalArgumentException when neither the list's own phrases nor the shipped ones have it
    public static String phrase(Map<String, String> texts, String name) {
        return phraseIn(texts.getOrDefault(PHRASES, ""), name).or(() -> shipped(ENGLISH, PHRASES).flatMap(all -> phraseIn(all, name)))
                .orElseThrow(() -> new IllegalArgumentException("no phrase " + name));
    }

    /// What is said in English where nobody has translated it: a name of a phrase that is its own English.
    public static String translated(Map<String, String> texts, String english) {
        return phraseIn(texts.getOrDefault(PHRASES, ""), english).orElse(english);
    }

    private static Optional<String> phraseIn(String phrases, String name) {
        return phrases.lines().filter(line -> line.startsWith(name + ": ")).map(line -> line.substring(name.length() + 2).strip())
                .findFirst();
    }

    /// Fills in what is known; a tag that is not stays as it is. Lines that begin with `#` are comments. What is filled in is not read again.
    public static String fill(String text, Map<String, String> tags) {
        var lines = new StringBuilder();
        text.lines().filter(line -> !line.startsWith("#")).forEach(line -> lines.append(line).append('\n'));
        return TAG.matcher(lines).replaceAll(found -> Matcher
                .quoteReplacement(tags.getOrDefault(found.group(1), found.group())));
    }
}
