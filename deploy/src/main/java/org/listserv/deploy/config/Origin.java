package org.listserv.deploy.config;

import java.nio.file.Path;

/// Where a value of the configuration was found; shown by `config show` and in front of every mistake.
public sealed interface Origin {

    /// A line of the configuration file, counted from 1.
    record Line(Path file, int line) implements Origin {
        @Override
        public String toString() {
            return file + ":" + line;
        }
    }

    /// The configuration file as a whole.
    record WholeFile(Path file) implements Origin {
        @Override
        public String toString() {
            return file.toString();
        }
    }

    /// An environment variable.
    record Variable(String name) implements Origin {
        @Override
        public String toString() {
            return "$" + name;
        }
    }

    /// Nobody set it.
    record Default() implements Origin {
        @Override
        public String toString() {
            return "default";
        }
    }
}
