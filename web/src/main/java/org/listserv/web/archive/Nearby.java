package org.listserv.web.archive;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.regex.Pattern;

import org.springframework.web.servlet.function.ServerResponse;

import org.listserv.archive.Messages;
import org.listserv.archive.Post;
import org.listserv.archive.Reader;
import org.listserv.archive.SearchIndex;
import org.listserv.archive.SearchRequest;
import org.listserv.web.page.Pages;
import org.listserv.web.page.Place;

/// What may have been meant by an address that leads nowhere: the same message on another list, or one whose Message-ID is the one asked for
/// but for what mail programs and people do to links.
///
/// Only the Message-ID and what the reader may read decide what is offered, so that a list that may not be read looks like none.
public final class Nearby {
    private static final int OFFERED = 10;
    /// What a line break leaves of a link; shorter ones begin too many Message-IDs.
    private static final Pattern BEGINNING = Pattern.compile("[A-Za-z0-9._@-]{12,200}");
    private static final Pattern AROUND = Pattern.compile("^[\\s<\"'(\\[]+|[\\s>\"')\\].,;:!?]+$");
    private static final Pattern ENCODED = Pattern.compile("%[0-9A-Fa-f]{2}");

    private final Pages pages;
    private final Messages messages;
    private final SearchIndex index;

    public Nearby(Pages pages, Messages messages, SearchIndex index) {
        this.pages = pages;
        this.messages = messages;
        this.index = index;
    }

    /// 404, with what else may be wanted.
    ServerResponse missing(Reader reader, String messageId) {
        var found = new LinkedHashMap<String, Pages.Instead>();
        for (var id : spellings(messageId)) {
            messages.onAnyList(reader, id).forEach(post -> offer(found, post, reader));
        }
        if (found.isEmpty() && BEGINNING.matcher(messageId).matches()) {
            try {
                index.search(reader, new SearchRequest("id:" + messageId + "*", null, SearchRequest.Order.DATE, null, OFFERED)).hits()
                        .forEach(hit -> offer(found, hit.post(), reader));
            } catch (SearchIndex.Busy e) {
                // then without
            }
        }
        return pages.missing(List.copyOf(found.values()));
    }

    private static void offer(LinkedHashMap<String, Pages.Instead> found, Post post, Reader reader) {
        if (found.size() < OFFERED && !post.redacted()) {
            var href = new Place.Message(post.list(), post.messageId()).path();
            found.putIfAbsent(href,
                    new Pages.Instead(href, Lines.subject(post, reader), Lines.author(post, reader), post.list().toString()));
        }
    }

    /// As it stands first.
    private static SequencedSet<String> spellings(String messageId) {
        var spellings = new LinkedHashSet<String>();
        spellings.add(messageId);
        spellings.add(AROUND.matcher(messageId).replaceAll(""));
        for (var id : new ArrayList<>(spellings)) {
            if (ENCODED.matcher(id).find()) {
                spellings.add(AROUND.matcher(decoded(id)).replaceAll(""));
            }
            if (id.indexOf(' ') >= 0) {
                spellings.add(id.replace(' ', '+'));
            }
        }
        spellings.removeIf(String::isBlank);
        return spellings;
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }
}
