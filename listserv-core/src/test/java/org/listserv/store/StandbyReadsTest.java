package org.listserv.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StandbyReadsTest {
    @TempDir
    Path folder;

    @Test
    void pages_are_read_from_a_standby_while_there_is_no_primary_and_nothing_else_is() throws Exception {
        try (var pair = new TestPair(folder, StandbyReadsTest::before); var database = Database.open(pair.settings())) {
            pair.run("update said set words = 'after'");
            Freshness.begin();
            assertThat(database.<String>readPage(StandbyReadsTest::words)).isEqualTo("after");
            assertThat(Freshness.mayBeBehind()).isFalse();

            pair.stopPrimary();
            assertThat(database.<String>readPage(StandbyReadsTest::words)).isEqualTo("before");
            assertThat(Freshness.mayBeBehind()).isTrue();
            database.pingPages();
            assertThatThrownBy(() -> database.read(StandbyReadsTest::words)).isInstanceOf(DatabaseUnavailable.class);
            assertThatThrownBy(() -> database.write(StandbyReadsTest::words)).isInstanceOf(DatabaseUnavailable.class);

            pair.startPrimary();
            await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
                Freshness.begin();
                assertThat(database.<String>readPage(StandbyReadsTest::words)).isEqualTo("after");
                assertThat(Freshness.mayBeBehind()).isFalse();
            });
        }
    }

    private static void before(DatabaseSettings settings) throws SQLException {
        try (var connection = DriverManager.getConnection(settings.url()); var statement = connection.createStatement()) {
            statement.execute("create table said as select 'before' as words");
        }
    }

    private static String words(Connection connection) throws SQLException {
        try (var statement = connection.createStatement(); var row = statement.executeQuery("select words from said")) {
            row.next();
            return row.getString(1);
        }
    }
}
