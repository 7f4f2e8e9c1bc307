package org.listserv.deploy.command;

import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import org.listserv.deploy.config.Configuration.Purpose;
import org.listserv.deploy.node.Node;
import org.listserv.deploy.node.Role;
import org.listserv.deploy.node.RunUntilStopped;

@Command(name = "serve", description = {"Run a node until it is told to end (SIGTERM, Ctrl-C).",
        "Nodes are equal and share one database; start as many as you like, each with a listserv.node.name of its own.",
        "Without a database a node listens, answers 451, and joins later."})
final class ServeCommand implements Callable<Integer> {

    private final Listserv listserv;

    @Option(names = "--roles", paramLabel = "ROLE", split = ",", defaultValue = "smtp,delivery,archive,web,jobs", description = "What this node does: smtp takes mail, delivery sends copies, archive keeps a search index, web serves pages (and keeps an index), jobs does what is done once in a cluster. Default: all of them.")
    private List<Role> roles = List.of(Role.values());

    @Option(names = "--test-clock", description = "Accept a database whose policy clock is shifted: for tests only.")
    private boolean testClock;

    ServeCommand(Listserv listserv) {
        this.listserv = listserv;
    }

    @Override
    public Integer call() throws Exception {
        var configuration = listserv.configuration(Purpose.SERVE);
        var node = Node.start(configuration, EnumSet.copyOf(roles), testClock);
        RunUntilStopped.run(List.of(node));
        return 0;
    }
}
