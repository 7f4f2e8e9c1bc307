package org.listserv.deploy.command;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

import org.listserv.mail.EmailAddress;
import org.listserv.members.About;
import org.listserv.members.Members;
import org.listserv.store.Database;

/// What is known about one address, everywhere.
///
/// @param posts written from it
/// @param latestPosts at most 10
/// @param late copies that a relay asked to try later
/// @param bounces at most 20, the latest first
record AddressTrail(String address, List<Membership> memberships, long posts, List<Post> latestPosts, List<Held> held, List<Late> late,
        List<Bounce> bounces) {

    /// A subscription, a role, or an entry that allows or denies posting.
    record Membership(String list, String what, String detail, Instant since) {}

    record Post(String list, long number, Instant filedAt, String subject) {}

    record Held(long id, String list, String subject) {}

    record Late(String list, String reply, Instant nextAttemptAt) {}

    record Bounce(String list, Instant receivedAt, String reply) {}

    private static final String LIST_NAME = " join list l on l.id = x.list_id join domain d on d.id = l.domain_id ";

    private static final Question POSTS = new Question("select count(*) from post where lower(author_address) = ?");

    private static final Question LATEST = new Question("""
            select l.local_part || '@' || d.name, x.number, x.filed_at, x.subject
              from (select * from post where lower(author_address) = ? order by filed_at desc limit 10) x
            """ + LIST_NAME + "order by x.filed_at desc");

    private static final Question HELD = new Question("""
            select x.id, l.local_part || '@' || d.name, x.subject
              from (select * from held_post where state = 'held' and lower(author) = ?) x
            """ + LIST_NAME + "order by x.id");

    private static final Question LATE = new Question("""
            select coalesce(l.local_part || '@' || d.name, 'the mail domain'), p.reply, p.next_attempt_at
              from delivery_problem p
              join batch b on b.id = p.batch_id
              left join list l on l.id = b.list_id
              left join domain d on d.id = l.domain_id
             where lower(p.forward_path) = ?
             order by p.next_attempt_at
            """);

    private static final Question BOUNCES = new Question("""
            select l.local_part || '@' || d.name, x.received_at, coalesce(x.reply, x.kind || ': ' || concat_ws(' ', nullif(x.status, ''), x.diagnostic), 'a delivery report came back')
              from (select * from bounce
                     where subscription_id in (select s.id from subscription s join address a on a.id = s.address_id where a.normal = ?)
                     order by received_at desc limit 20) x
            """ + LIST_NAME + "order by x.received_at desc");

    static AddressTrail of(Database database, Members members, EmailAddress address) {
        var normal = address.normal();
        var written = address.toString().toLowerCase(Locale.ROOT);
        return new AddressTrail(address.toString(), memberships(members.about(address)),
                POSTS.ask(database, row -> row.getLong(1), written).getFirst(),
                LATEST.ask(database, row -> new Post(row.getString(1), row.getLong(2), Question.at(row, 3), row.getString(4)), written),
                HELD.ask(database, row -> new Held(row.getLong(1), row.getString(2), row.getString(3)), written),
                LATE.ask(database, row -> new Late(row.getString(1), row.getString(2), Question.at(row, 3)), written),
                BOUNCES.ask(database, row -> new Bounce(row.getString(1), Question.at(row, 2), row.getString(3)), normal));
    }

    private static List<Membership> memberships(Optional<About> about) {
        return about.stream().flatMap(all -> Stream.of(
                all.subscriptions().stream().map(one -> new Membership(one.list(), Texts.what(one), one.name(), one.since())),
                all.roles().stream().map(one -> new Membership(one.list(), one.role().word(), "", one.since())),
                all.access().stream().map(one -> new Membership(one.list(), Texts.what(one), one.pattern(), one.since()))))
                .flatMap(all -> all).toList();
    }

    /// Nobody here has ever heard of it.
    boolean isEmpty() {
        return memberships.isEmpty() && posts == 0 && held.isEmpty() && late.isEmpty() && bounces.isEmpty();
    }
}
