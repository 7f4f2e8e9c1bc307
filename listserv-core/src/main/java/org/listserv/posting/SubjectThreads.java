package org.listserv.posting;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.listserv.posting.Intake.Act;
import org.listserv.posting.Intake.Effect;
import org.listserv.posting.Intake.PostFacts;
import org.listserv.store.Database;
import org.listserv.store.DatabaseUnavailable;
import org.listserv.store.PgText;

/// Finds what a post answers that does not say so: one without References and In-Reply-To, whose subject is that of an answer, goes to the newest
/// thread with its base subject (RFC 5256 §2.1), if the list filed a post of that in the 30 days before it. V029 says what a base subject is.
///
/// It is asked before the list is locked: of two posts that come at once one may not see the other, and then each begins a thread.
final class SubjectThreads {
    private static final Duration WITHIN = Duration.ofDays(30);
    /// As Chinese mail programs write it.
    private static final char FULLWIDTH_COLON = '\uFF1A';

    private static final String FIND = """
            select subject_key(x.subject), x.asks and subject_answers(x.subject), a.parent, a.parent_filed_at
              from unnest(?::boolean[], ?::bigint[], ?::text[], ?::timestamptz[]) with ordinality x(asks, list, subject, filed, i)
              left join lateral answered_by_subject(x.list, x.subject, x.filed, ?) a on x.asks
             order by x.i
            """;

    private final Database database;

    SubjectThreads(Database database) {
        this.database = database;
    }

    /// A post to be filed.
    private record Filing(long list, PostFacts facts) {
        /// Without a colon no subject is one of an answer: most first posts need no statement.
        boolean asks() {
            return facts.refs().isEmpty() && (facts.subject().indexOf(':') >= 0 || facts.subject().indexOf(FULLWIDTH_COLON) >= 0);
        }

        /// New posts are filed after all that stands.
        Instant at() {
            return facts.filedAt() == null ? Instant.MAX : facts.filedAt();
        }
    }

    /// A base subject in a list.
    private record Subject(long list, long key) {}

    /// The newest post with a subject.
    ///
    /// @param parent what its thread began with
    private record Newest(String parent, Instant at) {
        boolean isBefore(Instant reply) {
            return !at.isAfter(reply) && !at.isBefore(reply.minus(WITHIN));
        }
    }

    /// What the database says about the subject of a post.
    ///
    /// @param key      null where the subject says nothing
    /// @param answers  it is that of an answer, and nothing better says what is answered
    /// @param archived null where there is nothing it can answer
    private record Asked(@Nullable Long key, boolean answers, @Nullable Newest archived) {}

    /// The same intakes, where posts that answer by their subject refer to what they answer: in the archive, or in an intake before theirs.
    ///
    /// @throws DatabaseUnavailable when there is no primary
    List<Intake> completed(List<Intake> intakes) {
        var filings = intakes.stream().flatMap(intake -> intake.effects().stream())
                .filter(effect -> effect.act() instanceof Act.Publish)
                .map(effect -> new Filing(effect.list(), ((Act.Publish) effect.act()).facts())).toList();
        if (filings.stream().noneMatch(Filing::asks)) {
            return intakes;
        }
        var facts = completed(filings, database.read(connection -> ask(connection, filings))).iterator();
        return intakes.stream()
                .map(intake -> new Intake(intake.message(), intake.effects().stream().map(effect -> with(effect, facts)).toList()))
                .toList();
    }

    private static Effect with(Effect effect, Iterator<PostFacts> facts) {
        return effect.act() instanceof Act.Publish(var _, var copies)
                ? new Effect(effect.list(), effect.function(), effect.outcome(), effect.gate(), new Act.Publish(facts.next(), copies),
                        effect.owed())
                : effect;
    }

    private static List<PostFacts> completed(List<Filing> filings, List<Asked> asked) {
        var completed = new ArrayList<PostFacts>();
        Map<Subject, Newest> newest = new HashMap<>();
        for (var i = 0; i < filings.size(); i++) {
            var filing = filings.get(i);
            var facts = filing.facts();
            var key = asked.get(i).key();
            if (key != null) {
                var subject = new Subject(filing.list(), key);
                var parent = asked.get(i).answers() ? parent(newest.get(subject), asked.get(i).archived(), filing.at()) : null;
                facts = parent == null ? facts : facts.answering(parent);
                newest.merge(subject, new Newest(facts.refs().isEmpty() ? facts.messageId() : facts.refs().getFirst(), filing.at()),
                        (one, other) -> one.at().isAfter(other.at()) ? one : other);
            }
            completed.add(facts);
        }
        return completed;
    }

    private static @Nullable String parent(@Nullable Newest together, @Nullable Newest archived, Instant reply) {
        if (together != null && together.isBefore(reply) && (archived == null || !archived.at().isAfter(together.at()))) {
            return together.parent();
        }
        return archived == null ? null : archived.parent();
    }

    private static List<Asked> ask(Connection connection, List<Filing> filings) throws SQLException {
        try (var find = connection.prepareStatement(FIND)) {
            find.setArray(1, connection.createArrayOf("boolean", filings.stream().map(Filing::asks).toArray()));
            find.setArray(2, connection.createArrayOf("bigint", filings.stream().map(Filing::list).toArray()));
            find.setArray(3, connection.createArrayOf("text", filings.stream().map(one -> PgText.clean(one.facts().subject())).toArray()));
            find.setArray(4, connection.createArrayOf("timestamptz",
                    filings.stream().map(one -> one.facts().filedAt() == null ? null : one.facts().filedAt().toString()).toArray()));
            find.setInt(5, (int) WITHIN.toDays());
            var asked = new ArrayList<Asked>();
            try (var rows = find.executeQuery()) {
                while (rows.next()) {
                    asked.add(asked(rows));
                }
            }
            return asked;
        }
    }

    private static Asked asked(ResultSet row) throws SQLException {
        var parent = row.getString(3);
        return new Asked(row.getObject(1, Long.class), row.getBoolean(2),
                parent == null ? null : new Newest(parent, row.getTimestamp(4).toInstant()));
    }
}
