package org.listserv.deploy.command;

import java.nio.file.Path;
import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import org.listserv.deploy.demo.Demo;

@Command(name = "demo", description = {"Start the whole system on this machine, without setting anything up, and say what to try.",
        "It brings a PostgreSQL of its own and a mailbox server that takes all mail, so nothing ever leaves this machine; it listens on 127.0.0.1 only.",
        "Ctrl-C stops all of it. Configuration in --config and in the environment means nothing to it."})
final class DemoCommand implements Callable<Integer> {

    private final Listserv listserv;

    @Option(names = "--dir", paramLabel = "DIR", defaultValue = "var/demo", description = "Where everything is kept between runs. Default: ${DEFAULT-VALUE}.")
    private Path folder = Path.of("var/demo");

    @Option(names = "--smtp-port", paramLabel = "PORT", defaultValue = "2525", description = "Where the lists take mail. Default: ${DEFAULT-VALUE}.")
    private int smtpPort;

    @Option(names = "--web-port", paramLabel = "PORT", defaultValue = "8080", description = "Where the pages are. Default: ${DEFAULT-VALUE}.")
    private int webPort;

    @Option(names = "--imap-port", paramLabel = "PORT", defaultValue = "3143", description = "Where the mailboxes are. Default: ${DEFAULT-VALUE}.")
    private int imapPort;

    @Option(names = "--once", hidden = true, description = "End when everything works and the pages were looked at: the launcher's --train.")
    private boolean once;

    DemoCommand(Listserv listserv) {
        this.listserv = listserv;
    }

    @Override
    public Integer call() throws Exception {
        var out = listserv.terminal().out();
        if (once) {
            Demo.once(folder, out);
        } else {
            Demo.run(new Demo.Places(folder, smtpPort, webPort, imapPort), out);
        }
        return 0;
    }
}
