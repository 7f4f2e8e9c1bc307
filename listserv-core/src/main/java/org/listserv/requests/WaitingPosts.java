package org.listserv.requests;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

import org.listserv.mail.EmailAddress;
import org.listserv.posting.Intake.Act;

/// Posts that wait, asked for by mail: all of a list by those who decide, his own by an author. ezmlm has neither.
final class WaitingPosts {
    /// In one letter.
    static final int AT_ONCE = 50;
    private static final int MOST_OF_AUTHOR = 20;

    private static final String OF_AUTHOR = """
            select subject, state, number from held_post where list_id = ? and lower(author) = ? order by id desc limit ?
            """;

    private WaitingPosts() {}

    /// Which posts one reply may decide about: those of the list with ids from `first` to `last`.
    record Range(long first, long last) {
        private static final Pattern FORM = Pattern.compile("(?<first>\\d{1,18})_(?<last>\\d{1,18})\\.[A-Za-z2-7]{26}");

        /// @param written `FROM_TO.TOKEN`
        static Optional<Range> of(String written) {
            var form = FORM.matcher(written);
            return form.matches()
                    ? Optional.of(new Range(Long.parseLong(form.group("first")), Long.parseLong(form.group("last"))))
                    : Optional.empty();
        }

        boolean contains(long id) {
            return first <= id && id <= last;
        }

        @Override
        public String toString() {
            return first + "_" + last;
        }
    }

    /// `L-held`: to the stored address of one who decides, and to no other.
    static Answered list(Dialogue d) {
        var to = d.postModerator();
        if (to.isEmpty()) {
            return d.refuses("mod-only");
        }
        var moderator = to.get();
        var posts = d.kit.held().waiting(Optional.of(d.list), 0, AT_ONCE + 1);
        var subject = "MODERATE for " + d.list.address();
        var letter = posts.isEmpty()
                ? d.letter(moderator.toString(), subject, d.phrase("nothing-waits"), d.tags(moderator))
                : new ModerationMail(d.kit).ofSeveral(d.list, posts, "asked-for", moderator.toString());
        return d.answered("held", new Act.Nothing(), List.of(d.owed(letter, moderator, "", Dialogue.stored(moderator))));
    }

    /// `L-where`: what became of posts that did not go out at once.
    static Answered ofAuthor(Dialogue d) {
        var posts = ownPosts(d, d.self());
        var tags = Map.of("posts", posts.isEmpty() ? "    " + d.phrase("no-post") + "\n" : String.join("", posts));
        return d.says("where", "Your posts to " + d.list.address(), "where", tags);
    }

    private static List<String> ownPosts(Dialogue d, EmailAddress author) {
        return d.kit.database().read(connection -> {
            try (var ask = connection.prepareStatement(OF_AUTHOR)) {
                ask.setLong(1, d.list.id());
                ask.setString(2, author.normal());
                ask.setInt(3, MOST_OF_AUTHOR);
                var posts = new ArrayList<String>();
                try (var rows = ask.executeQuery()) {
                    while (rows.next()) {
                        posts.add(post(d, rows));
                    }
                }
                return posts;
            }
        });
    }

    private static String post(Dialogue d, ResultSet row) throws SQLException {
        var subject = row.getString(1).replaceAll("[\\p{Cntrl}]", " ").strip();
        var fate = d.phrase("post-" + row.getString(2), Map.of("number", Long.toString(row.getLong(3))));
        return "    " + (subject.isEmpty() ? d.phrase("none") : subject) + "\n        " + fate + "\n";
    }
}
