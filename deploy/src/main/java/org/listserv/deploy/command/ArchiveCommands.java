package org.listserv.deploy.command;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import org.listserv.archive.LuceneIndex;
import org.listserv.archive.ThreadRepair;
import org.listserv.deploy.config.Configuration.Purpose;
import org.listserv.deploy.config.ConfigurationMistakes;
import org.listserv.deploy.node.Core;
import org.listserv.lists.ListSummary;
import org.listserv.mail.EmailAddress;
import org.listserv.posting.ChainCheck;
import org.listserv.posting.Redaction;

@Command(name = "archive", synopsisSubcommandLabel = "COMMAND", description = "The archives of all lists.")
final class ArchiveCommands {

    private final Listserv listserv;

    ArchiveCommands(Listserv listserv) {
        this.listserv = listserv;
    }

    private record Verified(EmailAddress list, long posts, String chain, List<String> faults) {}

    @Command(description = {"Recompute the hash chain from the stored octets: finds any change, gap or swap.",
            "Compare the head it prints with one that somebody else has noted: LIST@DOMAIN/chain on the web shows it to everyone."})
    int verify(@Parameters(paramLabel = "LIST", arity = "0..1", description = "Only this list.") @Nullable EmailAddress address,
            @Mixin Format format)
            throws ConfigurationMistakes {
        try (var core = listserv.core()) {
            var lists = address == null
                    ? core.lists().all().stream().map(ListSummary::address).toList()
                    : List.of(core.lists().existing(address).address());
            var progress = new Progress(listserv.terminal(), "posts");
            var verified = new ArrayList<Verified>();
            long done = 0;
            for (var list : lists) {
                long before = done;
                var found = core.lists().find(list);
                if (found.isPresent()) {
                    var report = new ChainCheck(core.database()).check(found.get().id(), posts -> progress.at(before + posts, 0));
                    verified.add(new Verified(list, report.posts(), report.head(), report.faults()));
                    done += report.posts();
                }
            }
            progress.end();
            format.print(listserv, () -> {
                var table = new Table("LIST", "POSTS", "CHAIN", "");
                verified.forEach(one -> table.row(one.list(), one.posts(), one.chain(),
                        one.faults().isEmpty() ? "whole" : String.join("\n", one.faults())));
                return table.orIfEmpty("no list yet");
            }, verified);
            var broken = verified.stream().filter(one -> !one.faults().isEmpty()).map(one -> one.list().toString()).toList();
            if (!broken.isEmpty()) {
                throw new CommandFailed("not as it was received: " + String.join(", ", broken)
                        + "; compare with a standby or a backup before anything else changes");
            }
            return 0;
        }
    }

    @Command(description = {
            "Take what a post says out of the archive for good: pages, search, feeds, downloads and copies that still wait.",
            "A tombstone stays, with number, Message-ID, time and hash: the chain can still be verified. Posts of the same message on other lists go with it.",
            "Copies that were sent, backups, and write-ahead log already shipped are beyond reach; disk blocks are free after the next vacuum."})
    int redact(@Parameters(paramLabel = "LIST") EmailAddress address,
            @Parameters(paramLabel = "N", description = "The post's number, as its page shows it.") long number,
            @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "Why, for the audit log; it stays, so do not repeat there what is removed.") String reason)
            throws ConfigurationMistakes {
        try (var core = listserv.core()) {
            var list = core.lists().existing(address);
            var result = new Redaction(core.database()).redact(list, number, reason, core.actor())
                    .orElseThrow(() -> new CommandFailed(address + " has no post " + number));
            listserv.say(result.removed().isEmpty()
                    ? "unchanged: " + address + " " + number + " was removed before"
                    : "removed " + result.removed().stream().map(Object::toString).collect(Collectors.joining(", ")));
            result.left().forEach(place -> listserv.say("still there, the same Message-ID received apart: " + place));
            return 0;
        }
    }

    @Command(description = {"Make a post and everything below it a thread of its own.",
            "Later replies to either part go to that part. `archive join` takes it back."})
    int split(@Parameters(paramLabel = "LIST") EmailAddress address,
            @Parameters(paramLabel = "N", description = "The post's number, as its page shows it.") long number,
            @Option(names = "--reason", paramLabel = "TEXT", defaultValue = "", description = "Why, for the audit log.") String reason)
            throws ConfigurationMistakes {
        try (var core = listserv.core()) {
            var list = core.lists().existing(address);
            listserv.say(new ThreadRepair(core.database()).split(list, number, reason, core.actor())
                    .map(split -> "split " + address + " " + number + " from the thread of " + split.from() + ": "
                            + posts(split.posts()) + " in a thread of " + (split.posts() == 1 ? "its" : "their") + " own")
                    .orElse("unchanged: " + address + " " + number + " and what is below it are a thread already"));
            return 0;
        }
    }

    @Command(description = {"Make the whole thread of a post part of another thread, as a reply to post M.",
            "Later replies to either go to the joined thread. For a part of a thread, `archive split` first. `archive split` takes it back."})
    int join(@Parameters(paramLabel = "LIST") EmailAddress address,
            @Parameters(paramLabel = "N", description = "Any post of the thread that moves.") long number,
            @Parameters(paramLabel = "M", description = "The post it is to answer.") long to,
            @Option(names = "--reason", paramLabel = "TEXT", defaultValue = "", description = "Why, for the audit log.") String reason)
            throws ConfigurationMistakes {
        try (var core = listserv.core()) {
            var list = core.lists().existing(address);
            listserv.say(new ThreadRepair(core.database()).join(list, number, to, reason, core.actor())
                    .map(posts -> "joined the thread of " + address + " " + number + " to " + to + ": " + posts(posts) + " moved")
                    .orElse("unchanged: " + address + " " + number + " and " + to + " are in one thread already"));
            return 0;
        }
    }

    private static String posts(int count) {
        return count + (count == 1 ? " post" : " posts");
    }

    @Command(description = {"Make this machine's search index anew.",
            "A node that runs here does it itself, and its searches say meanwhile that they are partial."})
    int reindex() throws ConfigurationMistakes, IOException {
        var configuration = listserv.configuration(Purpose.COMMAND);
        try (var core = new Core(configuration)) {
            var progress = new Progress(listserv.terminal(), "posts");
            boolean here = LuceneIndex.reindex(core.database(), configuration.archive(),
                    done -> progress.at(done.indexed(), done.all() == 0 ? 0 : (double) done.indexed() / done.all()));
            progress.end();
            listserv.say(here
                    ? "made the index in " + configuration.archive().indexDir() + " anew"
                    : "the node that runs here makes its index in " + configuration.archive().indexDir() + " anew now");
            return 0;
        }
    }
}
