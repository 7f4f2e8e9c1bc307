package org.listserv.deploy.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// No database is there: a report is explained from itself.
class BounceCommandsTest {

    @TempDir
    private Path folder;

    private String file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text).toString();
    }

    @Test
    void reports_are_explained_in_the_order_they_are_named() throws IOException {
        var bounce = file("bounce.eml", """
                Return-Path: <>
                From: MAILER-DAEMON@mx.example.net
                Subject: failure notice

                Hi. This is the qmail-send program at mx.example.net.
                I'm afraid I wasn't able to deliver your message to the following addresses.

                <jane@example.org>:
                Sorry, no mailbox here by that name. (#5.1.1)
                """);
        var away = file("away.eml", "From: jane@example.org\nAuto-Submitted: auto-replied\nSubject: away\n\nUntil Monday.\n");
        var ran = CommandLineFixture.run("", Map.of(), "bounce", "explain", bounce, away, "--format", "json");
        assertThat(ran.code()).as(ran.err()).isZero();
        assertThat(ran.out()).isEqualToIgnoringNewLines("""
                [
                  {
                    "file": "%s",
                    "what": "bounce",
                    "recipients": [
                      {
                        "address": "jane@example.org",
                        "status": "5.1.1",
                        "kind": "hard",
                        "diagnostic": "<jane@example.org>: Sorry, no mailbox here by that name. (#5.1.1)",
                        "action": "failed",
                        "original": null
                      }
                    ]
                  },
                  {
                    "file": "%s",
                    "what": "auto-reply",
                    "recipients": []
                  }
                ]
                """.formatted(bounce, away));
        assertThat(CommandLineFixture.run("", Map.of(), "bounce", "explain", bounce, away).out()).contains("RECIPIENT", "jane@example.org",
                "hard", "auto-reply");
    }

    @Test
    void a_file_that_is_not_there_is_named() {
        var ran = CommandLineFixture.run("", Map.of(), "bounce", "explain", "/none/x.eml");
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.err()).isEqualTo("listserv: /none/x.eml: there is no such file\n");
    }
}
