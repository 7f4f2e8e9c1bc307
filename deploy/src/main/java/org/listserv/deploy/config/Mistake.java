package org.listserv.deploy.config;

/// One thing that is wrong with the configuration: where, what, and what to write instead.
public record Mistake(Origin where, String what) {
    @Override
    public String toString() {
        return where instanceof Origin.Default ? what : where + ": " + what;
    }
}
