package org.listserv.bench;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/// Makes an archive that no one wrote and that weighs like a real one: messages of some 4 kB (median), one in ten with 50 kB attached, one in
/// twenty with HTML beside its text, twenty charsets, threads of 1 to 1,500 messages, words and authors as unevenly used as everywhere.
///
/// The same seed makes the same archive.
final class ArchiveMail {
    static final int LONGEST_THREAD = 1_500;
    /// So many threads have exactly [#PAGE_THREAD] messages.
    static final int PAGE_THREADS = 100;
    static final int PAGE_THREAD = 50;
    static final int A_MONTH = 1_000;

    private static final List<String> CHARSETS = List.of("utf-8", "us-ascii", "iso-8859-1", "iso-8859-2", "iso-8859-5", "iso-8859-7",
            "iso-8859-9", "iso-8859-15", "windows-1250", "windows-1251", "windows-1252", "windows-1253", "windows-1254", "koi8-r", "koi8-u",
            "gb2312", "big5", "shift_jis", "euc-kr", "iso-2022-jp");
    private static final List<String> FOREIGN = List.of("naïve", "plain", "façade", "źródło", "сервер", "λόγος", "güncel", "œuvre",
            "žluťoučký",
            "письмо", "déjà", "νερό", "değil", "вода", "їжак", "邮件", "郵件", "手紙", "편지", "手紙");
    private static final int WORDS = 40_000;
    private static final int AUTHORS = 3_000;
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss '+0000'", Locale.ENGLISH);
    private static final DateTimeFormatter FROM_LINE = DateTimeFormatter.ofPattern("EEE MMM d HH:mm:ss yyyy", Locale.ENGLISH);
    private static final Instant BEGIN = Instant.parse("2012-01-01T00:00:00Z");
    private static final long MONTH_SECONDS = 2_629_800;

    private final Random random;
    private final String list;
    private final String[] words = new String[WORDS];
    private final double[] wordShares = new double[WORDS];
    private final List<Open> open = new ArrayList<>();
    private final List<String> ids = new ArrayList<>();
    private final List<String> pageThreads = new ArrayList<>();
    private String longThread = "";

    /// A thread that will get more messages.
    private static final class Open {
        private final String subject;
        private final List<String> ids = new ArrayList<>();
        private int left;

        Open(String subject, int left) {
            this.subject = subject;
            this.left = left;
        }
    }

    ArchiveMail(String list, long seed) {
        this.list = list;
        random = new Random(seed);
        var syllables = "ba be bi bo bu da de di do du ka ke ki ko ku la le li lo lu ma me mi mo mu na ne ni no nu ra re ri ro ru sa se si so su ta te ti to tu"
                .split(" ");
        double sum = 0;
        for (int i = 0; i < WORDS; i++) {
            var word = new StringBuilder();
            for (int rest = i + 1; rest > 0; rest /= syllables.length) {
                word.append(syllables[rest % syllables.length]);
            }
            words[i] = word.toString();
            sum += 1.0 / (i + 10);
            wordShares[i] = sum;
        }
        for (int i = 0; i < WORDS; i++) {
            wordShares[i] /= sum;
        }
    }

    /// Message-IDs in order of filing.
    List<String> ids() {
        return ids;
    }

    /// First messages of threads of exactly [#PAGE_THREAD].
    List<String> pageThreads() {
        return pageThreads;
    }

    /// First message of the longest one.
    String longThread() {
        return longThread;
    }

    void write(Path file, int messages) throws IOException {
        try (var out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20)) {
            var planned = new ArrayList<Integer>();
            planned.add(Math.min(LONGEST_THREAD, messages / 4));
            for (int i = 0; i < Math.min(PAGE_THREADS, messages / 400); i++) {
                planned.add(PAGE_THREAD);
            }
            for (int i = 0; i < messages; i++) {
                var at = BEGIN.plusSeconds(i * MONTH_SECONDS / A_MONTH);
                message(out, i, at, thread(i, messages, planned));
            }
        }
    }

    private Open thread(int number, int messages, List<Integer> planned) {
        // Some four in five messages answer one of the threads that are open.
        if (!planned.isEmpty() && number >= messages / 20 && number % Math.max(1, messages / (2 * PAGE_THREADS)) == 0) {
            return begin(planned.removeFirst());
        }
        if (!open.isEmpty() && random.nextInt(5) > 0) {
            // A long thread is long because many write to it.
            var thread = random.nextInt(3) == 0 ? longest() : open.get(random.nextInt(open.size()));
            return thread;
        }
        return begin(1 + (int) Math.min(60, Math.exp(random.nextDouble() * 3.2) - 0.5));
    }

    private Open longest() {
        var longest = open.getFirst();
        for (var thread : open) {
            longest = thread.left > longest.left ? thread : longest;
        }
        return longest;
    }

    private Open begin(int size) {
        var thread = new Open(sentence(3 + random.nextInt(6)), size);
        open.add(thread);
        return thread;
    }

    private void message(OutputStream out, int number, Instant at, Open thread) throws IOException {
        var id = "m%d.%08x@mail%d.example".formatted(number, random.nextInt(), random.nextInt(50));
        if (thread.ids.isEmpty() && thread.left == PAGE_THREAD) {
            pageThreads.add(id);
        }
        if (thread.ids.isEmpty() && thread.left > 200) {
            longThread = id;
        }
        int author = (int) (AUTHORS * Math.pow(random.nextDouble(), 2.5));
        var name = capital(words[author * 7 % 5000]) + " " + capital(words[author * 13 % 9000 + 100]);
        var charset = CHARSETS.get(number % CHARSETS.size());
        var head = new StringBuilder();
        head.append("From a").append(author).append("@people.example ").append(FROM_LINE.format(at.atOffset(ZoneOffset.UTC))).append('\n');
        head.append("Received: from mx.people.example by mail.lists.example with ESMTP; ").append(DATE.format(at.atOffset(ZoneOffset.UTC)))
                .append('\n');
        head.append("From: ").append(name).append(" <a").append(author).append("@people.example>\n");
        head.append("To: ").append(list).append('\n');
        head.append("Subject: ").append(thread.ids.isEmpty() ? "" : "Re: ").append(thread.subject).append('\n');
        head.append("Date: ").append(DATE.format(at.minusSeconds(random.nextInt(600)).atOffset(ZoneOffset.UTC))).append('\n');
        head.append("Message-ID: <").append(id).append(">\n");
        if (!thread.ids.isEmpty()) {
            int parent = Math.max(0, thread.ids.size() - 1 - (int) (random.nextDouble() * random.nextDouble() * thread.ids.size()));
            head.append("In-Reply-To: <").append(thread.ids.get(parent)).append(">\nReferences: <").append(thread.ids.getFirst())
                    .append('>');
            head.append(parent > 0 ? "\n <" + thread.ids.get(parent) + ">\n" : "\n");
        }
        head.append("MIME-Version: 1.0\n");
        var text = text(number, charset, !thread.ids.isEmpty());
        boolean attached = number % 10 == 3;
        boolean html = number % 20 == 7;
        out.write(head.toString().getBytes(StandardCharsets.US_ASCII));
        if (attached || html) {
            var boundary = "=_b" + number;
            line(out, "Content-Type: multipart/" + (attached ? "mixed" : "alternative") + "; boundary=\"" + boundary + "\"\n");
            line(out, "--" + boundary);
            part(out, "text/plain", charset, text);
            if (html) {
                line(out, "--" + boundary);
                part(out, "text/html", charset, "<html><body><p>" + text.replace("\n\n", "</p><p>") + "</p></body></html>\n");
            }
            if (attached) {
                line(out, "--" + boundary);
                line(out, "Content-Type: application/octet-stream; name=\"data-" + number
                        + ".bin\"\nContent-Disposition: attachment; filename=\"data-" + number
                        + ".bin\"\nContent-Transfer-Encoding: base64\n");
                var data = new byte[37_500];
                random.nextBytes(data);
                out.write(Base64.getMimeEncoder(76, new byte[]{'\n'}).encode(data));
                line(out, "");
            }
            line(out, "--" + boundary + "--");
        } else {
            part(out, "text/plain", charset, text);
        }
        line(out, "");
        ids.add(id);
        thread.ids.add(id);
        thread.left--;
        if (thread.left <= 0) {
            open.remove(thread);
        }
    }

    private static void part(OutputStream out, String type, String charset, String text) throws IOException {
        line(out, "Content-Type: " + type + "; charset=" + charset + "\nContent-Transfer-Encoding: 8bit\n");
        out.write(text.getBytes(Charset.forName(charset)));
    }

    private static void line(OutputStream out, String text) throws IOException {
        out.write((text + "\n").getBytes(StandardCharsets.US_ASCII));
    }

    /// Sizes spread about a median of some 3 kB, which with the fields makes 4.
    private String text(int number, String charset, boolean answer) {
        int size = (int) Math.min(60_000, 3_200 * Math.exp(random.nextGaussian() * 0.7));
        var text = new StringBuilder(size + 200);
        if (answer) {
            text.append("> ").append(sentence(10)).append("\n> ").append(sentence(9)).append("\n\n");
        }
        text.append("LUCENE-").append(number % 9_000).append(' ').append(FOREIGN.get(CHARSETS.indexOf(charset))).append(".\n");
        while (text.length() < size) {
            text.append(sentence(8 + random.nextInt(6))).append(random.nextInt(6) == 0 ? ".\n\n" : "\n");
        }
        return text.append("-- \n").append(sentence(3)).append('\n').toString();
    }

    private String sentence(int count) {
        var sentence = new StringBuilder();
        for (int i = 0; i < count; i++) {
            sentence.append(i == 0 ? capital(word()) : " " + word());
        }
        return sentence.toString();
    }

    private String word() {
        double share = random.nextDouble();
        int low = 0;
        int high = WORDS - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (wordShares[middle] < share) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return words[low];
    }

    private static String capital(String word) {
        return Character.toUpperCase(word.charAt(0)) + word.substring(1);
    }
}
