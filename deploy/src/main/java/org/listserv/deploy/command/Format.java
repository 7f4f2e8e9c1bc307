package org.listserv.deploy.command;

import java.util.function.Supplier;

import picocli.CommandLine.Option;

/// `--format`, for every command that lists or shows.
final class Format {

    enum Kind {
        TEXT,
        JSON
    }

    @Option(names = "--format", paramLabel = "text|json", defaultValue = "text", description = "For people (text) or for programs (json).")
    private Kind kind = Kind.TEXT;

    /// @param text for people; not asked for when a program reads
    /// @param document what [Json] writes
    void print(Listserv listserv, Supplier<?> text, Object document) {
        listserv.say(switch (kind) {
            case TEXT -> text.get();
            case JSON -> Json.of(document);
        });
    }
}
