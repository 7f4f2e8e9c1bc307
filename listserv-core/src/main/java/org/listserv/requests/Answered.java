package org.listserv.requests;

import java.util.List;

import org.listserv.posting.Intake.Act;
import org.listserv.posting.Intake.Gate;
import org.listserv.posting.Intake.Outgoing;

/// What follows from a request, to be durable with the mail that made it: one answer for each way it can go.
///
/// @param list    the list that does it; 0 for the mail domain
/// @param part    which one, where a mail asks for several things; else empty
/// @param outcome for people: what was asked, and why not where it was not done
public record Answered(long list, String part, String outcome, Gate gate, Act act, List<Outgoing> owed) {
    Answered(long list, String outcome, Gate gate, Act act, List<Outgoing> owed) {
        this(list, "", outcome, gate, act, owed);
    }

    public Answered {
        owed = List.copyOf(owed);
    }
}
