package org.listserv.notices;

import java.time.Instant;

import org.listserv.mail.EmailAddress;

/// Tells the administrator that a message was taken that our code could not process.
///
/// @param place  which address it was for
/// @param reason what failed
/// @param id     the message's id in the log
public record SetAsideNotice(String place, String reason, String id) {
    public byte[] octets(Instant now, EmailAddress postmaster) {
        var text = """
                A message to %s was accepted, but listserv failed on it:

                    %s

                It is not lost and nobody has been told. It is set aside, under id %s in the log:

                    listserv queue list
                    listserv queue show ID
                    listserv queue retry ID      after the fault is mended
                    listserv queue drop ID

                This is a fault of the program, please report it.
                """.formatted(place, reason.replaceAll("[\\p{Cntrl}]", " "), id);
        return new Notice("MAILER-DAEMON@" + postmaster.domain(), postmaster.toString(), "A message to " + place + " was set aside", text,
                "auto-generated")
                .octets(now, postmaster.domain());
    }
}
