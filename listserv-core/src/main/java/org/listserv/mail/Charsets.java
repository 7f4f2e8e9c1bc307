package org.listserv.mail;

import java.nio.charset.Charset;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Charsets by the labels that mail uses. Where mail programs mean a superset of what they name, the superset is taken, as browsers do:
/// it reads everything the named one reads.
final class Charsets {
    private static final Map<String, String> MEANT = Map.ofEntries(
            Map.entry("iso-8859-1", "windows-1252"), Map.entry("iso8859-1", "windows-1252"), Map.entry("iso_8859-1", "windows-1252"),
            Map.entry("latin1", "windows-1252"), Map.entry("us-ascii", "windows-1252"), Map.entry("ascii", "windows-1252"),
            Map.entry("ansi_x3.4-1968", "windows-1252"), Map.entry("iso-8859-9", "windows-1254"), Map.entry("tis-620", "x-windows-874"),
            Map.entry("gb2312", "GB18030"), Map.entry("gbk", "GB18030"), Map.entry("ks_c_5601-1987", "x-windows-949"),
            Map.entry("euc-kr", "x-windows-949"), Map.entry("shift_jis", "windows-31j"), Map.entry("shift-jis", "windows-31j"),
            Map.entry("big5", "x-windows-950"), Map.entry("iso-8859-8-i", "ISO-8859-8"), Map.entry("iso-8859-8-e", "ISO-8859-8"),
            Map.entry("unicode-1-1-utf-8", "UTF-8"), Map.entry("utf", "UTF-8"), Map.entry("cp-850", "IBM850"));

    /// All names and aliases this Java knows. Asking Java itself walks through its providers for every unknown name, 0.1 ms each time:
    /// too long where a stranger chooses how often.
    private static final Map<String, Charset> KNOWN = known();

    private Charsets() {}

    static Optional<Charset> find(String label) {
        var name = label.strip().toLowerCase(Locale.ROOT);
        var meant = KNOWN.get(MEANT.getOrDefault(name, name).toLowerCase(Locale.ROOT));
        return Optional.ofNullable(meant != null ? meant : KNOWN.get(name));
    }

    private static Map<String, Charset> known() {
        var known = new HashMap<String, Charset>();
        for (var charset : Charset.availableCharsets().values()) {
            charset.aliases().forEach(alias -> known.putIfAbsent(alias.toLowerCase(Locale.ROOT), charset));
        }
        // A name of its own goes before somebody else's alias.
        Charset.availableCharsets().forEach((name, charset) -> known.put(name.toLowerCase(Locale.ROOT), charset));
        var utf7 = new Utf7();
        known.put("utf-7", utf7);
        utf7.aliases().forEach(alias -> known.put(alias, utf7));
        return Map.copyOf(known);
    }
}
