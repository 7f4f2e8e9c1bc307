package org.listserv.store;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// The secrets behind tokens and tags, which all nodes share. Read again every minute, so a rotation is known everywhere soon.
public final class SigningKeys implements Supplier<List<byte[]>> {
    private static final Duration FRESH = Duration.ofMinutes(1);

    private static final String VALID = """
            select secret from signing_key where retires_at is null or retires_at > clock_now() order by id desc
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
