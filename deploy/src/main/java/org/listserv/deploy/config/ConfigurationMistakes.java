package org.listserv.deploy.config;

import java.util.List;
import java.util.stream.Collectors;

/// The configuration cannot be used. Holds every mistake, so that one run is enough to repair all of them.
public final class ConfigurationMistakes extends Exception {

    private static final long serialVersionUID = 1;

    private final transient List<Mistake> mistakes;

    ConfigurationMistakes(List<Mistake> mistakes) {
        super(mistakes.stream().map(Mistake::toString).collect(Collectors.joining("\n")));
        this.mistakes = List.copyOf(mistakes);
    }

    public List<Mistake> mistakes() {
        return mistakes;
    }
}
