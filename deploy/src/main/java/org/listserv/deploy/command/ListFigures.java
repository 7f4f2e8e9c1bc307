package org.listserv.deploy.command;

import java.sql.Timestamp;
import java.time.Instant;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import org.listserv.lists.MailingList;
import org.listserv.store.Database;

/// How much of everything one list has.
///
/// @param chain head of the hash chain, hexadecimal
record ListFigures(Instant createdAt, long members, long digestMembers, long posts, long lastNumber, @Nullable Instant lastPostAt,
        long held,
        String chain) {

    private static final String FIGURES = """
            select l.created_at,
                   (select count(*) from subscription s where s.list_id = l.id and s.kind = 'main'),
                   (select count(*) from subscription s where s.list_id = l.id and s.kind = 'digest'),
                   h.last_seq, h.last_number,
                   (select p.filed_at from post p where p.list_id = l.id and p.seq = h.last_seq),
                   (select count(*) from held_post w where w.list_id = l.id and w.state = 'held'),
                   encode(h.chain, 'hex')
              from list l
              join list_head h on h.list_id = l.id
             where l.id = ?
            """;

    static ListFigures of(Database database, MailingList list) {
        return database.read(connection -> {
            try (var ask = connection.prepareStatement(FIGURES)) {
                ask.setLong(1, list.id());
                try (var row = ask.executeQuery()) {
                    if (!row.next()) {
                        throw new CommandFailed(list.address() + " has just been deleted");
                    }
                    return new ListFigures(row.getTimestamp(1).toInstant(), row.getLong(2), row.getLong(3), row.getLong(4), row.getLong(5),
                            Optional.ofNullable(row.getTimestamp(6)).map(Timestamp::toInstant).orElse(null), row.getLong(7),
                            row.getString(8));
                }
            }
        });
    }
}
