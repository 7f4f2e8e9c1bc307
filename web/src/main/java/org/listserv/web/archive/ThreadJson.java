package org.listserv.web.archive;

import tools.jackson.core.JsonGenerator;

import org.listserv.archive.Conversation;
import org.listserv.archive.Conversation.Node;
import org.listserv.archive.Conversation.Node.Ghost;
import org.listserv.archive.Conversation.Node.Present;
import org.listserv.archive.Post;
import org.listserv.archive.Reader;

/// A thread as a tree of JSON objects (`docs/formats.md`), written from its outline line by line: a thread of five thousand replies to
/// replies is no reason to overflow a stack.
final class ThreadJson {
    private ThreadJson() {}

    static void write(Conversation thread, Reader reader, JsonGenerator out) {
        // One tree has one root; where the archive knows several beginnings, they stand below a message that is not here.
        boolean several = thread.roots().size() > 1;
        int open = 0;
        if (several) {
            ghost("", out);
        }
        for (var line : thread.outline()) {
            for (; open > line.depth(); open--) {
                end(out);
            }
            start(line.node(), reader, out);
            open = line.depth() + 1;
        }
        for (; open > 0; open--) {
            end(out);
        }
        if (several) {
            end(out);
        }
    }

    private static void start(Node node, Reader reader, JsonGenerator out) {
        switch (node) {
            case Ghost(var messageId, var _) -> ghost(messageId, out);
            case Present(var post, var _) -> start(post, reader, out);
        }
    }

    private static void start(Post post, Reader reader, JsonGenerator out) {
        out.writeStartObject();
        out.writeStringProperty("messageId", post.messageId());
        out.writeNumberProperty("number", post.number());
        out.writeStringProperty("subject", Lines.subject(post, reader));
        out.writeStringProperty("from", Lines.author(post, reader));
        out.writeStringProperty("date", post.filedAt().toString());
        out.writeBooleanProperty("ghost", false);
        out.writeArrayPropertyStart("children");
    }

    private static void ghost(String messageId, JsonGenerator out) {
        out.writeStartObject();
        if (messageId.isEmpty()) {
            out.writeNullProperty("messageId");
        } else {
            out.writeStringProperty("messageId", messageId);
        }
        out.writeNullProperty("number");
        out.writeNullProperty("subject");
        out.writeNullProperty("from");
        out.writeNullProperty("date");
        out.writeBooleanProperty("ghost", true);
        out.writeArrayPropertyStart("children");
    }

    private static void end(JsonGenerator out) {
        out.writeEndArray();
        out.writeEndObject();
    }
}
