package org.listserv.deploy.command;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import org.listserv.lists.MailingList;
import org.listserv.mail.EmailAddress;
import org.listserv.store.Database;

/// What failed to reach subscribers, the latest first.
final class BounceTrail {

    private BounceTrail() {}

    /// One copy that failed.
    ///
    /// @param source `relay`: refused at once; `report`: a report came back
    /// @param kind   null where a relay refused, whose reply is the diagnostic
    record Bounce(Instant receivedAt, String list, @Nullable Long number, String source, @Nullable String kind, String status,
            String diagnostic) {}

    /// All that failed for one subscriber of a list.
    record Bouncing(String address, long bounces, long hard, Bounce latest) {}

    private static final String LATEST = """
            select x.received_at, l.local_part || '@' || d.name, x.number, x.source, x.kind, coalesce(x.status, ''),
                   coalesce(x.reply, x.diagnostic, 'a report that was not read')
              from bounce x join list l on l.id = x.list_id join domain d on d.id = l.domain_id
             where lower(x.address) = ?""";

    private static final String BY_TIME = " order by x.received_at desc, x.id desc limit ?";

    private static final Question ANYWHERE = new Question(LATEST + BY_TIME);

    private static final Question IN_LIST = new Question(LATEST + " and x.list_id = ?" + BY_TIME);

    private static final Question OF_LIST = new Question("""
            select received_at, '', number, source, kind, status, diagnostic, address, bounces, hard
              from (select distinct on (lower(x.address)) x.received_at, x.number, x.source, x.kind, coalesce(x.status, '') as status,
                           coalesce(x.reply, x.diagnostic, 'a report that was not read') as diagnostic, x.address, x.id,
                           count(*) over his as bounces, count(*) filter (where x.kind = 'hard') over his as hard
                      from bounce x
                     where x.list_id = ?
                    window his as (partition by lower(x.address))
                     order by lower(x.address), x.received_at desc, x.id desc) latest
             order by received_at desc, id desc
             limit ?
            """);

    private static final Question.Row<Bounce> BOUNCE = row -> {
        var number = row.getLong(3);
        return new Bounce(Question.at(row, 1), row.getString(2), row.wasNull() ? null : number, row.getString(4), row.getString(5),
                row.getString(6), row.getString(7));
    };

    /// @param list empty: all lists
    static List<Bounce> of(Database database, EmailAddress who, Optional<MailingList> list, int most) {
        return list.isPresent()
                ? IN_LIST.ask(database, BOUNCE, who.normal(), list.get().id(), most)
                : ANYWHERE.ask(database, BOUNCE, who.normal(), most);
    }

    static List<Bouncing> of(Database database, MailingList list, int most) {
        return OF_LIST.ask(database, row -> {
            var latest = BOUNCE.read(row);
            return new Bouncing(row.getString(8), row.getLong(9), row.getLong(10), new Bounce(latest.receivedAt(),
                    list.address().toString(), latest.number(), latest.source(), latest.kind(), latest.status(), latest.diagnostic()));
        }, list.id(), most);
    }

    /// For people: without the list, which the reader knows.
    static Table table(List<Bounce> bounces) {
        var table = new Table("BOUNCED", "POST", "BY", "KIND", "STATUS", "DIAGNOSTIC");
        bounces.forEach(one -> table.row(Texts.minute(one.receivedAt()), number(one), one.source(), kind(one), one.status(),
                firstLine(one)));
        return table;
    }

    static String number(Bounce bounce) {
        return bounce.number() == null ? "" : bounce.number().toString();
    }

    static String kind(Bounce bounce) {
        return bounce.kind() == null ? "" : bounce.kind();
    }

    static String firstLine(Bounce bounce) {
        return Texts.printable(bounce.diagnostic().lines().findFirst().orElse(""));
    }
}
