package org.listserv.archive;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
import org.jspecify.annotations.Nullable;

/// [SearchQuery] in Lucene's terms.
///
/// @param lists ids of the lists that a pattern of `list:` means for this reader
/// @param others what the index as a whole tells
record LuceneQueries(Analyzer analyzer, Function<String, List<Long>> lists, Others others) {
    /// What is found in a subject counts more than deep in a text, and a quote less than what was written.
    private static final Map<String, Float> BOOST = Map.of(Indexed.SUBJECT, 2f, Indexed.QUOTED, 0.5f);

    /// Queries that need more than one document to be answered.
    interface Others {
        /// All posts of the threads in which these are.
        Query threads(Query posts);

        /// Posts whose thread has so many replies or people.
        Query sized(SearchQuery.Measure measure, long from, long to);

        Query state(SearchQuery.Flag flag);
    }

    Query of(SearchQuery.Node node) {
        return switch (node) {
            case SearchQuery.Term term -> term(term);
            case SearchQuery.InList(var pattern) -> filter(lists.apply(pattern).stream().mapToLong(Long::longValue).toArray());
            case SearchQuery.Before(var span) -> between(Indexed.FILED, Long.MIN_VALUE, Indexed.micros(span.start()) - 1);
            case SearchQuery.After(var span) -> between(Indexed.FILED, Indexed.micros(span.start()), Long.MAX_VALUE);
            case SearchQuery.Exactly(var field, var text, var prefix) -> exactly(field, text, prefix);
            case SearchQuery.State(var flag) -> others.state(flag);
            case SearchQuery.Dates(var sent, var from, var to, var _) ->
                between(sent ? Indexed.SENT : Indexed.FILED, micros(from, Long.MIN_VALUE),
                        to == null ? Long.MAX_VALUE : micros(to, 0) - 1);
            case SearchQuery.Numbers(var measure, var from, var to, var _) -> measure == SearchQuery.Measure.SIZE
                    ? between(Indexed.SIZE, from, to)
                    : others.sized(measure, from, to);
            case SearchQuery.InThread(var inside) -> others.threads(of(inside));
            case SearchQuery.Not _ -> all(List.of(node));
            case SearchQuery.All(var nodes) -> all(nodes);
            case SearchQuery.Any(var nodes) -> any(nodes);
        };
    }

    private static Query filter(long[] lists) {
        return lists.length == 0 ? MatchNoDocsQuery.INSTANCE : new ConstantScoreQuery(LongField.newSetQuery(Indexed.LIST, lists));
    }

    private static Query between(String field, long from, long to) {
        return from > to ? MatchNoDocsQuery.INSTANCE : new ConstantScoreQuery(LongField.newRangeQuery(field, from, to));
    }

    private static long micros(@Nullable LocalDate day, long without) {
        return day == null ? without : Indexed.micros(day.atStartOfDay(ZoneOffset.UTC).toInstant());
    }

    private static Query exactly(SearchQuery.Value field, String text, boolean prefix) {
        var term = new Term(field.in, text);
        return new ConstantScoreQuery(prefix ? new PrefixQuery(term) : new TermQuery(term));
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
                case SearchQuery.InList _,SearchQuery.Before _,SearchQuery.After _,SearchQuery.Dates _,SearchQuery.Numbers _,SearchQuery.Exactly _,SearchQuery.State _,SearchQuery.InThread _ ->
                    query.add(of(node), Occur.FILTER);
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
        var in = term.field().in();
        if (in.size() == 1) {
            return words(in.getFirst(), term);
        }
        var fields = new ArrayList<Query>();
        for (var field : in) {
            var words = words(field, term);
            fields.add(BOOST.containsKey(field) ? new BoostQuery(words, BOOST.get(field)) : words);
        }
        if (term.field().equals(SearchQuery.Field.ANY) && term.text().indexOf('@') > 0) {  // a Message-ID, pasted
            fields.add(new TermQuery(new Term(Indexed.MESSAGE_ID, term.text().replaceAll("^<|>$", ""))));
        }
        return new DisjunctionMaxQuery(fields, 0.1f);
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
        return new PhraseQuery(term.slop(), field, words.toArray(String[]::new));
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
