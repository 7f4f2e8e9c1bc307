package org.listserv.archive;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.analysis.tokenattributes.PositionIncrementAttribute;
import org.apache.lucene.document.LongField;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.BoostQuery;
import org.apache.lucene.search.ConstantScoreQuery;
import org.apache.lucene.search.DisjunctionMaxQuery;
import org.apache.lucene.search.MatchAllDocsQuery;
import org.apache.lucene.search.MatchNoDocsQuery;
import org.apache.lucene.search.PhraseQuery;
import org.apache.lucene.search.PrefixQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.TermQuery;

/// [SearchQuery] in Lucene's terms.
///
/// @param lists ids of the lists that a pattern of `list:` means for this reader
record LuceneQueries(Analyzer analyzer, Function<String, List<Long>> lists) {
    /// What is found in a subject counts more than deep in a text.
    private static final float SUBJECT = 2;

    Query of(SearchQuery.Node node) {
        return switch (node) {
            case SearchQuery.Term term -> term(term);
            case SearchQuery.InList(var pattern) -> filter(lists.apply(pattern).stream().mapToLong(Long::longValue).toArray());
            case SearchQuery.Before(var span) -> filed(Long.MIN_VALUE, Indexed.micros(span.start()) - 1);
            case SearchQuery.After(var span) -> filed(Indexed.micros(span.start()), Long.MAX_VALUE);
            case SearchQuery.Not(var inside) -> all(List.of(node));
            case SearchQuery.All(var nodes) -> all(nodes);
            case SearchQuery.Any(var nodes) -> any(nodes);
        };
    }

    private static Query filter(long[] lists) {
        return lists.length == 0 ? MatchNoDocsQuery.INSTANCE : new ConstantScoreQuery(LongField.newSetQuery(Indexed.LIST, lists));
    }

    private static Query filed(long from, long to) {
        return new ConstantScoreQuery(LongField.newRangeQuery(Indexed.FILED, from, to));
    }

    private Query all(List<SearchQuery.Node> nodes) {
        var query = new BooleanQuery.Builder();
        boolean positive = false;
        for (var node : nodes) {
            switch (node) {
                case SearchQuery.Not(var inside) -> query.add(of(inside), Occur.MUST_NOT);
                case SearchQuery.Term _,SearchQuery.All _,SearchQuery.Any _ -> {
                    query.add(of(node), Occur.MUST);
                    positive = true;
                }
                case SearchQuery.InList _,SearchQuery.Before _,SearchQuery.After _ -> query.add(of(node), Occur.FILTER);
            }
        }
        if (!positive) {
            query.add(MatchAllDocsQuery.INSTANCE, Occur.MUST);
        }
        return query.build();
    }

    private Query any(List<SearchQuery.Node> nodes) {
        var query = new BooleanQuery.Builder();
        nodes.forEach(node -> query.add(of(node), Occur.SHOULD));
        return query.build();
    }

    private Query term(SearchQuery.Term term) {
        return switch (term.field()) {
            case FROM -> words(Indexed.FROM, term);
            case SUBJECT -> words(Indexed.SUBJECT, term);
            case ANY -> {
                var fields = new ArrayList<Query>();
                fields.add(new BoostQuery(words(Indexed.SUBJECT, term), SUBJECT));
                fields.add(words(Indexed.BODY, term));
                fields.add(words(Indexed.FROM, term));
                if (term.text().indexOf('@') > 0) {  // a Message-ID, pasted
                    fields.add(new TermQuery(new Term(Indexed.MESSAGE_ID, term.text().replaceAll("^<|>$", ""))));
                }
                yield new DisjunctionMaxQuery(fields, 0.1f);
            }
        };
    }

    private Query words(String field, SearchQuery.Term term) {
        var words = tokens(field, term.text());
        if (words.isEmpty()) {
            return MatchNoDocsQuery.INSTANCE;
        }
        if (words.size() == 1) {
            var word = new Term(field, words.getFirst());
            return term.prefix() ? new PrefixQuery(word) : new TermQuery(word);
        }
        return new PhraseQuery(field, words.toArray(String[]::new));
    }

    /// One token a position: what was typed with signs is meant with them.
    private List<String> tokens(String field, String text) {
        var tokens = new ArrayList<String>();
        try (var stream = analyzer.tokenStream(field, text)) {
            var term = stream.addAttribute(CharTermAttribute.class);
            var increment = stream.addAttribute(PositionIncrementAttribute.class);
            stream.reset();
            while (stream.incrementToken()) {
                if (increment.getPositionIncrement() > 0) {  // the exact token comes before the first word of its chunk
                    tokens.add(term.toString());
                }
            }
            stream.end();
        } catch (IOException e) {
            throw new UncheckedIOException(e);  // from a String in memory
        }
        return tokens;
    }
}
