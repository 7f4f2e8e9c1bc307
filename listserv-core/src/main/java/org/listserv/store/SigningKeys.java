package org.listserv.store;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/// The secrets behind tokens and tags, which all nodes share. Read again every minute, so a rotation is known everywhere soon.
public final class SigningKeys implements Supplier<List<byte[]>> {
    private static final int SECRET_OCTETS = 32;
    private static final Duration FRESH = Duration.ofMinutes(1);

    /// A new secret signs nothing before every node has read it.
    private static final String VALID = """
            select secret from signing_key
             where retires_at is null or retires_at > clock_now()
             order by created_at > clock_now() - interval '2 minutes', id desc
            """;

    private static final String ALL = "select id, created_at, retires_at from signing_key order by id desc";

    private static final String ROTATE = """
            with made as (
                insert into signing_key (secret) values (?) returning id, created_at),
            retired as (
                update signing_key set retires_at = made.created_at + ? * interval '1 second' from made where retires_at is null)
            insert into audit (at, actor, action, subject) select created_at, ?, 'key.rotate', id::text from made
            """;

    private final Database database;
    private List<byte[]> secrets = List.of();
    private long readAt;

    public SigningKeys(Database database) {
        this.database = database;
    }

    /// @return the newest first, never empty
    /// @throws DatabaseUnavailable when they were never read and cannot be read now
    @Override
    public synchronized List<byte[]> get() {
        if (secrets.isEmpty() || System.nanoTime() - readAt > FRESH.toNanos()) {
            try {
                secrets = read();
                readAt = System.nanoTime();
            } catch (DatabaseUnavailable e) {
                if (secrets.isEmpty()) {
                    throw e;
                }
            }
        }
        return secrets;
    }

    /// Without the secret itself.
    public record Key(int id, Instant createdAt, @Nullable Instant retiresAt) {}

    /// The newest first.
    public List<Key> all() {
        return database.read(connection -> {
            var keys = new ArrayList<Key>();
            try (var ask = connection.prepareStatement(ALL); var rows = ask.executeQuery()) {
                while (rows.next()) {
                    var retires = rows.getTimestamp(3);
                    keys.add(new Key(rows.getInt(1), rows.getTimestamp(2).toInstant(), retires == null ? null : retires.toInstant()));
                }
            }
            return keys;
        });
    }

    /// A new secret signs from now on, within two minutes on every node.
    ///
    /// @param honoured how long what the old ones signed is believed
    /// @param random   where the secret comes from
    public void rotate(Duration honoured, SecureRandom random, String actor) {
        var secret = new byte[SECRET_OCTETS];
        random.nextBytes(secret);
        database.write(connection -> {
            try (var rotate = connection.prepareStatement(ROTATE)) {
                rotate.setBytes(1, secret);
                rotate.setLong(2, honoured.toSeconds());
                rotate.setString(3, actor);
                return rotate.executeUpdate();
            }
        });
    }

    private List<byte[]> read() {
        return database.read(connection -> {
            var read = new ArrayList<byte[]>();
            try (var ask = connection.prepareStatement(VALID); var rows = ask.executeQuery()) {
                while (rows.next()) {
                    read.add(rows.getBytes(1));
                }
            }
            if (read.isEmpty()) {
                throw new IllegalStateException("no valid signing key in the database");
            }
            return List.copyOf(read);
        });
    }
}
