package org.listserv.web.archive;

import org.listserv.archive.AddressHiding;
import org.listserv.archive.Post;
import org.listserv.archive.Reader;
import org.listserv.archive.Topic;
import org.listserv.mail.Author;
import org.listserv.web.page.Moment;
import org.listserv.web.page.Place;

/// Posts and topics as lines of listings, with what this reader may see of addresses.
final class Lines {
    private Lines() {}

    /// @param listedAt the post whose date is shown
    static TopicLine topic(Topic topic, Post listedAt, Reader reader, String since) {
        var start = topic.start();
        Place place = topic.posts() == 1
                ? new Place.Message(start.list(), start.messageId())
                : new Place.FlatThread(start.list(), start.messageId());
        return new TopicLine(place.path(), subject(start, reader), author(start, reader),
                topic.posts() < Topic.COUNTED ? Integer.toString(topic.posts()) : Topic.COUNTED + " or more", topic.people(),
                Moment.sorted(listedAt.filedAt()), since);
    }

    static PostLine post(Post post, Reader reader) {
        return new PostLine(new Place.Message(post.list(), post.messageId()).path(), post.number(), subject(post, reader),
                author(post, reader),
                Moment.sorted(post.filedAt()));
    }

    static String subject(Post post, Reader reader) {
        var subject = seen(post, reader).subject();
        return post.redacted() ? "(removed)" : subject.isBlank() ? "(no subject)" : subject;
    }

    /// A name if there is one, else the mailbox.
    static String author(Post post, Reader reader) {
        return post.redacted() ? "(removed)" : name(seen(post, reader).author());
    }

    static Post seen(Post post, Reader reader) {
        return reader.anonymous() ? AddressHiding.hide(post) : post;
    }

    private static String name(Author author) {
        return !author.name().isBlank() ? author.name() : author.address().isBlank() ? "(no author)" : author.address();
    }
}
