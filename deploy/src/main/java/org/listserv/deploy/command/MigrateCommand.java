package org.listserv.deploy.command;

import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import org.listserv.deploy.config.Configuration.Purpose;
import org.listserv.store.Migrations;

@Command(name = "migrate", description = {"Bring the database schema up to date.",
        "Nodes run on their own schema version and on the next one: migrate first, then upgrade the nodes one after the other."})
final class MigrateCommand implements Callable<Integer> {

    private final Listserv listserv;

    @Option(names = "--dry-run", description = "Only say what would be done.")
    private boolean dryRun;

    MigrateCommand(Listserv listserv) {
        this.listserv = listserv;
    }

    @Override
    public Integer call() throws Exception {
        var migrations = new Migrations(listserv.configuration(Purpose.COMMAND).database());
        var steps = dryRun ? migrations.pending() : migrations.migrate();
        if (steps.isEmpty()) {
            listserv.say("unchanged: the schema has version " + Migrations.ours() + " already");
        } else {
            steps.forEach(step -> listserv.say((dryRun ? "would run " : "ran ") + step));
        }
        return 0;
    }
}
