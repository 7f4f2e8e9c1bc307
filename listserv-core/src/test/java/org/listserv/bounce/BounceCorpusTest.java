package org.listserv.bounce;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.listserv.bounce.Recipient.Kind;
import org.listserv.bounce.Wordings.Meaning;
import org.listserv.bounce.Wordings.Wording;
import org.listserv.mail.Corpora;
import org.listserv.mail.MboxReader;
import org.listserv.mail.MboxReader.Message;
import org.listserv.mail.MboxReader.Quoting;
import org.listserv.mail.MimeView;

/// What the reader makes of 282 real reports of 61 names beside what another one makes of them (docs/performance.md has the figures), and of
/// thousands of mails that are no reports.
class BounceCorpusTest {
    /// The families whose wordings were written for reports of that name, where it is another.
    private static final Map<String, String> FAMILIES = Map.ofEntries(Map.entry("outlook", "microsoft"),
            Map.entry("office365", "microsoft"),
            Map.entry("exchange2003", "microsoft"), Map.entry("exchange2007", "microsoft"), Map.entry("gmail", "google"),
            Map.entry("gsuite", "google"), Map.entry("googlegroups", "google"), Map.entry("aol", "yahoo"), Map.entry("yahooinc", "yahoo"),
            Map.entry("x2", "yahoo"), Map.entry("amazonses", "amazon"), Map.entry("amazonworkmail", "amazon"),
            Map.entry("receivingses", "amazon"), Map.entry("einsundeins", "gmx"), Map.entry("ezweb", "kddi"),
            Map.entry("franceptt", "francetelecom"), Map.entry("amavis", "antispam"), Map.entry("barracuda", "antispam"),
            Map.entry("mailfoundry", "antispam"), Map.entry("mailmarshal", "antispam"), Map.entry("mcafee", "antispam"),
            Map.entry("mxlogic", "antispam"), Map.entry("v5sendmail", "sendmail"), Map.entry("x4", "qmail"));

    private final Map<String, byte[]> mails = new HashMap<>();
    private final Map<String, List<BounceCorpus.Expected>> expected = BounceCorpus.expected();

    private byte[] mail(String name) {
        return mails.computeIfAbsent(name, file -> Corpora.octets(BounceCorpus.file(file)));
    }

    @Test
    void recipients_status_and_kind_are_what_another_reader_found() {
        var differ = new TreeSet<String>();
        var matrix = new EnumMap<Kind, EnumMap<Kind, Integer>>(Kind.class);
        int entries = 0;
        int right = 0;
        for (var file : expected.entrySet()) {
            var ours = BounceCorpus.recipients(new ReportReader(), mail(file.getKey()));
            for (int i = 0; i < file.getValue().size(); i++) {
                var theirs = file.getValue().get(i);
                var wrong = i < ours.size() || theirs.kind() == Kind.NONE
                        ? compare(theirs, i < ours.size() ? ours.get(i) : null)
                        : "missing";
                var kind = i < ours.size() ? ours.get(i).kind() : Kind.NONE;
                matrix.computeIfAbsent(theirs.kind(), _ -> new EnumMap<>(Kind.class)).merge(kind, 1, Integer::sum);
                entries++;
                if (wrong.isEmpty()) {
                    right++;
                } else {
                    differ.add(file.getKey() + " " + i + " " + theirs.reason() + ": " + wrong);
                }
            }
        }
        assertThat(entries).isEqualTo(302);
        assertThat(right).isGreaterThanOrEqualTo(entries * 95 / 100 + 1);
        // expected = ours
        assertThat(matrix).hasToString("{HARD={HARD=83, SOFT=4}, SOFT={SOFT=116}, POLICY={SOFT=1, POLICY=84, NONE=2}, NONE={NONE=12}}");
        for (var kind : EnumSet.complementOf(EnumSet.of(Kind.HARD))) {
            assertThat(matrix.get(kind)).as("%s taken as hard", kind).doesNotContainKey(Kind.HARD);
        }
        assertThat(differ).containsExactly(
                // a list tells its author that he is no member: the reader does not know every list program by its words
                "lhost-fml-02.eml 0 rejected: missing",
                // "550 <...>: User unknown" without a status and without the command: filters of mobile phone companies say so after DATA
                "lhost-messagingserver-09.eml 0 userunknown: kind SOFT",
                // "No MX found for domain" in a report of delay: nobody has given up
                "lhost-opensmtpd-12.eml 0 notaccept: kind SOFT",
                // "Malformed or unexpected name server reply": in lhost-postfix-17 the same words are soft
                "rhost-aol-06.eml 0 notaccept: kind SOFT",
                // two mails in one file
                "rhost-cox-01.eml 1 blocked: missing",
                // as messagingserver-09
                "rhost-gsuite-09.eml 0 userunknown: kind SOFT",
                // "550 Unknown user" where five others with these words are soft
                "rhost-nttdocomo-03.eml 0 rejected: kind SOFT");
    }

    private static String compare(BounceCorpus.Expected theirs, @Nullable Recipient ours) {
        if (ours == null || theirs.kind() == Kind.NONE) {
            return ours == null || ours.kind() == Kind.NONE ? "" : "kind " + ours.kind();
        }
        if (ours.address() == null) {
            return "nobody";
        }
        if (!theirs.status().isEmpty() && !theirs.status().equals(ours.status())) {
            return "status " + ours.status();
        }
        return ours.kind() == theirs.kind() ? "" : "kind " + ours.kind();
    }

    /// Would the reader have done harm before it was taught an MTA? Its wordings are taken away, and nothing of it may become hard that is not.
    @Test
    void an_mta_that_nobody_taught_the_reader_does_no_harm() {
        var harm = new TreeSet<String>();
        int removed = 0;
        for (var name : byName().entrySet()) {
            var family = FAMILIES.getOrDefault(name.getKey(), name.getKey());
            var fewer = Wordings.shippedOnes().without(wording -> wording.family().equals(family));
            removed += Wordings.shippedOnes().all().size() - fewer.all().size();
            harm.addAll(taken(new ReportReader(fewer), name.getValue()));
        }
        assertThat(removed).isGreaterThan(100);
        assertThat(harm).isEmpty();
    }

    /// As before, and all the wordings go too that no report of another MTA has: with a table made from the others alone.
    @Test
    void a_reader_made_from_the_reports_of_all_others_does_no_harm() {
        var where = new HashMap<Wording, Set<String>>();
        byName().forEach((name, files) -> files.forEach(file -> texts(mail(file)).forEach(
                text -> Wordings.shippedOnes().forEach(EnumSet.allOf(Meaning.class), text,
                        (wording, _) -> where.computeIfAbsent(wording, _ -> new HashSet<>()).add(name)))));
        var harm = new TreeSet<String>();
        for (var name : byName().entrySet()) {
            var others = Wordings.shippedOnes().without(wording -> where.getOrDefault(wording, Set.of()).equals(Set.of(name.getKey())));
            harm.addAll(taken(new ReportReader(others), name.getValue()));
        }
        assertThat(harm).isEmpty();
    }

    /// The mail as it stands, and its parts decoded, in pieces that are read to their end.
    private static List<String> texts(byte[] mail) {
        var view = MimeView.of(mail);
        var pieces = new ArrayList<String>();
        Stream.concat(Stream.of(new String(mail, StandardCharsets.ISO_8859_1)),
                view.parts().stream().filter(part -> part.children().isEmpty()).map(part -> view.text(part, 64_000))).forEach(text -> {
                    for (int at = 0; at < text.length(); at += 1_500) {
                        pieces.add(Diagnosis.plain(text.substring(at, Math.min(text.length(), at + 2_000))));
                    }
                });
        return pieces;
    }

    /// `lhost-postfix-11.eml` is of postfix.
    private Map<String, List<String>> byName() {
        var all = new TreeMap<String, List<String>>();
        expected.keySet().forEach(file -> all
                .computeIfAbsent(file.replaceFirst("^[lr]host-", "").replaceFirst("-\\d+\\.eml$", ""), _ -> new ArrayList<>()).add(file));
        assertThat(all).hasSizeGreaterThan(60);
        return all;
    }

    private List<String> taken(ReportReader reader, List<String> files) {
        var taken = new ArrayList<String>();
        for (var file : files) {
            var ours = BounceCorpus.recipients(reader, mail(file));
            var theirs = expected.getOrDefault(file, List.of());
            for (int i = 0; i < Math.min(ours.size(), theirs.size()); i++) {
                if (ours.get(i).kind() == Kind.HARD && theirs.get(i).kind() != Kind.HARD) {
                    taken.add(file + " " + i);
                }
            }
        }
        return taken;
    }

    @Test
    void line_ends_make_no_difference() {
        for (var file : Corpora.files(BounceCorpus.FOLDER + "crlf")) {
            var crlf = Corpora.octets(file);
            var lf = new String(crlf, StandardCharsets.ISO_8859_1).replace("\r\n", "\n").getBytes(StandardCharsets.ISO_8859_1);
            assertThat(new ReportReader().read(crlf)).as(file.getFileName().toString()).isEqualTo(new ReportReader().read(lf));
        }
    }

    @ParameterizedTest(name = "{0}: {1} complaints, {2} about authentication, {3} automatic answers")
    @CsvSource({"dmarc, 0, 5, 0", "auth/stalwart-mail-auth/arf, 2, 3, 0"})
    void complaints_and_reports_about_authentication_are_no_bounces(String folder, int complaints, int authentications, int answers) {
        var found = new HashMap<Class<?>, Integer>();
        Corpora.files(folder).stream().filter(file -> file.toString().endsWith(".eml"))
                .forEach(file -> found.merge(new ReportReader().read(Corpora.octets(file)).getClass(), 1, Integer::sum));
        assertThat(found.getOrDefault(Report.Complaint.class, 0)).isEqualTo(complaints);
        assertThat(found.getOrDefault(Report.Authentication.class, 0)).isEqualTo(authentications);
        assertThat(found.getOrDefault(Report.AutoReply.class, 0)).isEqualTo(answers);
        assertThat(found).doesNotContainKey(Report.Delivery.class);
    }

    @ParameterizedTest
    @CsvSource({"arf-01.eml, Complaint", "arf-14.eml, Complaint", "arf-15.eml, Complaint", "arf-18.eml, Authentication",
            "arf-19.eml, Authentication", "arf-22.eml, Complaint", "arf-23.eml, Complaint", "arf-24.eml, Complaint",
            "arf-26.eml, AutoReply",
            "lhost-amazonses-11.eml, Complaint", "rfc3834-01.eml, AutoReply", "rfc3834-05.eml, AutoReply", "rfc3834-06.eml, AutoReply"})
    void each_kind_of_automatic_mail_is_recognised(String file, String kind) {
        assertThat(new ReportReader().read(mail(file)).getClass().getSimpleName()).isEqualTo(kind);
    }

    @ParameterizedTest(name = "corpora/{0}: {1} mails")
    @CsvSource({"lists, 4000", "spam, 500", "mime, 300", "eai, 6", "replies, 200"})
    void ordinary_mail_is_no_report(String folder, int atLeast) throws IOException {
        var reports = new TreeSet<String>();
        int[] mails = {0};
        forEachMail(folder, (name, octets) -> {
            mails[0]++;
            if (!(new ReportReader().read(octets) instanceof Report.Other)) {
                reports.add(name);
            }
        });
        assertThat(mails[0]).isGreaterThanOrEqualTo(atLeast);
        assertThat(reports).isEqualTo(folder.equals("mime")
                // reports they are
                ? Set.of("mime/ruby-mail/mime_emails/raw_email_with_mimepart_without_content_type.eml",
                        "mime/ruby-mail/multipart_report_emails/multi_address_bounce1.eml",
                        "mime/ruby-mail/multipart_report_emails/multi_address_bounce2.eml",
                        "mime/ruby-mail/multipart_report_emails/multipart_report_multiple_status.eml",
                        "mime/ruby-mail/multipart_report_emails/report_422.eml", "mime/ruby-mail/multipart_report_emails/report_530.eml")
                : Set.of());
    }

    private static void forEachMail(String folder, BiConsumer<String, byte[]> read) throws IOException {
        for (var file : Corpora.files(folder)) {
            var name = Corpora.name(file);
            if (name.matches(".*\\.(json|xml|tsv|md)")) {
                continue;
            }
            int[] messages = {0};
            if (folder.equals("lists") || folder.equals("spam")) {
                try (var reader = new MboxReader(Files.newInputStream(file), Quoting.MBOXRD, 25_000_000)) {
                    for (var entry = reader.next(); entry.isPresent(); entry = reader.next()) {
                        if (entry.get() instanceof Message message) {
                            messages[0]++;
                            read.accept(name + " at " + message.offset(), message.octets());
                        }
                    }
                }
            }
            if (messages[0] == 0) {
                read.accept(name, Corpora.octets(file));
            }
        }
    }
}
