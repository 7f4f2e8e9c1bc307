package org.listserv.web;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import org.listserv.archive.AddressHiding;
import org.listserv.archive.Cursor;
import org.listserv.archive.Messages;
import org.listserv.archive.Overviews;
import org.listserv.archive.Reader;
import org.listserv.archive.SearchIndex;
import org.listserv.archive.SearchRequest;
import org.listserv.archive.SearchResult;
import org.listserv.archive.SearchResult.Hit;
import org.listserv.archive.SearchResult.Interpretation;
import org.listserv.archive.SearchResult.Piece;
import org.listserv.store.Database;

/// Finds a query in subjects by looking at every post there is, newest first: enough to see what pages make of results.
record Searching(Database database) implements SearchIndex {
    @Override
    public SearchResult search(Reader reader, SearchRequest request) {
        var messages = new Messages(database);
        var hits = new ArrayList<Hit>();
        for (var list : new Overviews(database).lists(reader, null, 100).items()) {
            for (long number = list.posts(); number > 0 && (request.list() == null || request.list().equals(list.address())); number--) {
                messages.byNumber(reader, list.address(), number).map(AddressHiding::hide)
                        .filter(post -> post.subject().toLowerCase(Locale.ROOT).contains(request.query().toLowerCase(Locale.ROOT)))
                        .ifPresent(post -> hits.add(new Hit(post, pieces(post.subject(), request.query()),
                                List.of(new Piece("Body of " + post.subject(), false)))));
            }
        }
        int from = request.after() == null ? 0 : Integer.parseInt(request.after().text());
        int to = Math.min(hits.size(), from + request.limit());
        return new SearchResult(new Interpretation(request.query(), List.of("Only subjects were searched.")), hits.subList(from, to),
                hits.size(), false, false,
                request.order(), to < hits.size() ? new Cursor(Integer.toString(to)) : null, null);
    }

    private static List<Piece> pieces(String subject, String query) {
        int at = subject.toLowerCase(Locale.ROOT).indexOf(query.toLowerCase(Locale.ROOT));
        return List.of(new Piece(subject.substring(0, at), false), new Piece(subject.substring(at, at + query.length()), true),
                new Piece(subject.substring(at + query.length()), false));
    }

    @Override
    public IndexStatus status() {
        return new IndexStatus(0, 0, Duration.ZERO, false);
    }
}
