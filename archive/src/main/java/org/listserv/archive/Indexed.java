package org.listserv.archive;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;

import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.FieldType;
import org.apache.lucene.document.LongField;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.IndexOptions;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.Query;

/// A post in the index: its fields, and the names of these.
///
/// @param text what is read of it, file names of attachments included
record Indexed(long list, Post post, String text) {
    /// Raised when anything below or in [MailTokenizer] changes what stands in an index: others are made anew.
    static final int FORMAT = 1;

    static final String LIST = "list";
    static final String SEQ = "seq";
    static final String FILED = "filed";
    static final String CHAIN = "chain";
    static final String KEY = "key";
    static final String MESSAGE_ID = "id";
    static final String SUBJECT = "subject";
    static final String FROM = "from";
    static final String BODY = "body";

    /// What is kept of the text to show snippets from.
    private static final int KEPT_TEXT = 32_000;

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
        document.add(new StoredField(CHAIN, HexFormat.of().parseHex(post.chain())));
        document.add(new StringField(MESSAGE_ID, post.messageId(), Field.Store.NO));
        document.add(new Field(SUBJECT, post.subject(), WORDS));
        document.add(new Field(FROM, from(), WORDS));
        document.add(new Field(BODY, text, WORDS));
        document.add(new StoredField(BODY, text.length() > KEPT_TEXT ? text.substring(0, KEPT_TEXT) : text));
        return document;
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
