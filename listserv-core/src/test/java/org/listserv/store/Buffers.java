package org.listserv.store;

import java.sql.SQLException;
import java.util.regex.Pattern;

/// What a statement costs whatever the machine: the pages it touches.
public final class Buffers {
    private static final Pattern BLOCKS = Pattern.compile("\"Shared (?:Hit|Read) Blocks\": (\\d+)");

    private Buffers() {}

    /// Runs the statement with the planner at its defaults. Call `analyze` before.
    ///
    /// @return shared buffers hit and read by execution; planning is left out, it depends on what the connection did before
    public static long of(Database database, String sql, Database.Parameters parameters) {
        return database.read(connection -> {
            try (var statement = connection.prepareStatement("explain (analyze, buffers, format json) " + sql)) {
                parameters.bind(statement);
                statement.execute(); // functions plan what is in them when they are first called in a session
                try (var rows = statement.executeQuery()) {
                    rows.next();
                    var plan = rows.getString(1);
                    var execution = plan.indexOf("\"Planning\"") < 0 ? plan : plan.substring(0, plan.indexOf("\"Planning\""));
                    var top = BLOCKS.matcher(execution); // the first node, which includes all below it
                    long blocks = 0;
                    for (int i = 0; i < 2 && top.find(); i++) {
                        blocks += Long.parseLong(top.group(1));
                    }
                    if (blocks == 0) {
                        throw new SQLException("no buffers in " + plan);
                    }
                    return blocks;
                }
            }
        });
    }
}
