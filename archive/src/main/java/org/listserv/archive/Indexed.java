package org.listserv.archive;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

import org.apache.lucene.document.BinaryDocValuesField;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.FieldType;
import org.apache.lucene.document.LongField;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.document.SortedDocValuesField;
import org.apache.lucene.document.SortedSetDocValuesField;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.IndexOptions;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.util.BytesRef;

import org.listserv.mail.MessageIds;

/// A post in the index: its fields, and the names of these.
///
/// @param thread as the post's row says; united threads keep their own here ([IndexedThreads])
record Indexed(long list, Post post, long thread, Traits traits) {
    /// Raised when anything below or in [MailTokenizer] changes what stands in an index: others are made anew.
    static final int FORMAT = 3;

    static final String LIST = "list";
    static final String SEQ = "seq";
    static final String FILED = "filed";
    static final String CHAIN = "chain";
    static final String KEY = "key";
    static final String MESSAGE_ID = "id";
    static final String SUBJECT = "subject";
    static final String FROM = "from";
    /// Stored only, for snippets.
    static final String BODY = "body";
    static final String OWN = "own";
    static final String QUOTED = "quoted";
    static final String TO = "to";
    static final String CC = "cc";
    /// The author's mailbox, in lower case.
    static final String AUTHOR = "author";
    /// A number for the author. Not under the mailbox's name, which not every message has: a field must be made of the same things in all documents
    /// that have it, and the first document says of which.
    static final String AUTHOR_NUMBER = "author.number";
    static final String AUTHOR_NAME = "name";
    static final String FILES = "files";
    static final String TYPES = "types";
    static final String REFERENCES = "references";
    static final String PARENT = "parent";
    static final String HAS = "has";
    static final String IS = "is";
    static final String VOTES = "votes";
    static final String ISSUES = "issues";
    static final String CHARSETS = "charsets";
    static final String PATCH_FILES = "patch.files";
    static final String PATCH_ADDED = "patch.added";
    static final String PATCH_REMOVED = "patch.removed";
    static final String PATCH_HUNKS = "patch.hunks";
    static final String BLOBS = "blobs";
    static final String PATCH_IDS = "patch.ids";
    static final String SIZE = "size";
    static final String SENT = "sent";
    static final String THREAD = "thread";
    /// And the name of a field in lower case.
    static final String HEADER = "header.";

    /// What is kept of the text to show snippets from.
    private static final int KEPT_TEXT = 32_000;
    /// Characters of a value; Lucene takes 32,766 octets.
    private static final int LONGEST_VALUE = 2_000;
    private static final int LONGEST_NAME = 200;

    private static final FieldType WORDS = new FieldType();

    static {
        WORDS.setIndexOptions(IndexOptions.DOCS_AND_FREQS_AND_POSITIONS);
        WORDS.setTokenized(true);
        WORDS.freeze();
    }

    Document document() {
        var document = new Document();
        document.add(new StringField(KEY, key(list, post.seq()), Field.Store.NO));
        document.add(new LongField(LIST, list, Field.Store.YES));
        document.add(new LongField(SEQ, post.seq(), Field.Store.YES));
        document.add(new LongField(FILED, micros(post.filedAt()), Field.Store.NO));
        document.add(new LongField(SIZE, post.size(), Field.Store.NO));
        document.add(new LongField(THREAD, thread, Field.Store.NO));
        if (post.sentAt() != null) {
            document.add(new LongField(SENT, micros(post.sentAt()), Field.Store.NO));
        }
        document.add(new StoredField(CHAIN, HexFormat.of().parseHex(post.chain())));
        document.add(new StringField(MESSAGE_ID, post.messageId(), Field.Store.NO));
        document.add(new BinaryDocValuesField(MESSAGE_ID, new BytesRef(post.messageId())));
        words(document, SUBJECT, post.subject());
        words(document, FROM, from());
        words(document, OWN, traits.own());
        words(document, QUOTED, traits.quoted());
        words(document, TO, traits.to());
        words(document, CC, traits.cc());
        words(document, FILES, String.join("\n", traits.fileNames()));
        words(document, PATCH_FILES, traits.patch().files());
        words(document, PATCH_ADDED, traits.patch().added());
        words(document, PATCH_REMOVED, traits.patch().removed());
        words(document, PATCH_HUNKS, traits.patch().hunks());
        traits.header().forEach((name, value) -> words(document, HEADER + name, value));
        values(document, REFERENCES, traits.references());
        values(document, PARENT, traits.references().isEmpty() ? List.of() : List.of(traits.references().getLast()));
        values(document, BLOBS, traits.patch().blobs());
        values(document, PATCH_IDS, traits.patch().ids());
        values(document, HAS, traits.has());
        values(document, IS, traits.is());
        values(document, VOTES, traits.votes());
        values(document, ISSUES, traits.issues());
        values(document, CHARSETS, traits.charsets());
        values(document, TYPES, traits.types());
        for (var kind : traits.has()) {
            document.add(new SortedSetDocValuesField(HAS, new BytesRef(kind)));
        }
        var mailbox = post.author().address().toLowerCase(Locale.ROOT);
        values(document, AUTHOR, List.of(mailbox));
        document.add(new SortedDocValuesField(AUTHOR_NAME, new BytesRef(cut(post.author().name()))));
        document.add(new NumericDocValuesField(AUTHOR_NUMBER, hash(mailbox.isEmpty() ? post.author().name() : mailbox)));
        var text = traits.whole();
        document.add(new StoredField(BODY, text.length() > KEPT_TEXT ? text.substring(0, KEPT_TEXT) : text));
        return document;
    }

    private static void words(Document document, String field, String text) {
        if (!text.isEmpty()) {
            document.add(new Field(field, text, WORDS));
        }
    }

    private static void values(Document document, String field, Collection<String> values) {
        for (var value : values) {
            if (!value.isEmpty() && value.length() < LONGEST_VALUE) {
                document.add(new StringField(field, value, Field.Store.NO));
            }
        }
    }

    private static String cut(String name) {
        return name.length() > LONGEST_NAME ? name.substring(0, LONGEST_NAME) : name;
    }

    /// Two people in one thread are told apart by this; that two have the same is as good as impossible there.
    private static long hash(String author) {
        return MessageIds.hash(author);
    }

    /// The domain stands once more by itself, for `from:@example.org`.
    private String from() {
        var address = post.author().address();
        int at = address.lastIndexOf('@');
        return post.author().name() + " " + address + (at < 0 ? "" : " " + address.substring(at));
    }

    static long micros(Instant instant) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
    }

    static Term term(long list, long seq) {
        return new Term(KEY, key(list, seq));
    }

    private static String key(long list, long seq) {
        return list + ":" + seq;
    }

    /// Posts of a list with `above < seq <= upTo`.
    static Query posts(long list, long above, long upTo) {
        return new BooleanQuery.Builder()
                .add(LongField.newExactQuery(LIST, list), Occur.FILTER)
                .add(LongField.newRangeQuery(SEQ, above + 1, upTo), Occur.FILTER)
                .build();
    }
}
