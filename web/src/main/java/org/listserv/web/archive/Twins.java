package org.listserv.web.archive;

import java.util.ArrayList;
import java.util.List;

import org.springframework.web.servlet.function.ServerRequest;

import org.listserv.archive.Message;
import org.listserv.archive.Post;
import org.listserv.web.page.Place;

/// Posts of one list that claim the same Message-ID share an address: the first has it, the others add their number (`?number=12`).
final class Twins {
    private Twins() {}

    /// The post that is meant; the first when the number names none of them.
    static Post asked(Message message, ServerRequest request) {
        var number = request.param("number").orElse("");
        return message.twins().stream().filter(twin -> Long.toString(twin.number()).equals(number)).findFirst().orElse(message.post());
    }

    static List<Post> others(Message message, Post shown) {
        var all = new ArrayList<>(message.twins());
        all.addFirst(message.post());
        all.removeIf(post -> post.seq() == shown.seq());
        return all;
    }

    static String path(Message message, Post post) {
        var place = new Place.Message(post.list(), post.messageId());
        return post.seq() == message.post().seq() ? place.path() : Asked.with(place, "number", Long.toString(post.number()));
    }
}
