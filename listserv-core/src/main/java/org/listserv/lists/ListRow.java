package org.listserv.lists;

import java.util.List;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;

import org.listserv.lists.ListSettings.Archive;
import org.listserv.lists.ListSettings.ByMail;
import org.listserv.lists.ListSettings.Personal;
import org.listserv.lists.ListSettings.Posting;
import org.listserv.lists.ListSettings.Refused;
import org.listserv.lists.ListSettings.Retrieval;
import org.listserv.lists.ListSettings.State;
import org.listserv.lists.ListSettings.Subscribing;
import org.listserv.lists.ListSettings.Switch;
import org.listserv.lists.ListSettings.TimedOut;
import org.listserv.lists.ListSettings.Unsubscribing;
import org.listserv.lists.ListSettings.Verp;
import org.listserv.mail.EmailAddress;

/// A row of `list`. Its initial values are the defaults of the settings, the same as the columns' own.
@Entity(name = "ListRow")
@Table(name = "list")
class ListRow {
    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    long id;

    @Column(name = "domain_id")
    long domainId;

    @Column(name = "local_part")
    String localPart = "";

    int version;
    String state = State.ACTIVE.word();
    String description = "";
    String language = "en";
    String prefix = "";
    String footer = "";

    @Column(name = "reply_to")
    String replyTo = "author";

    String posting = Posting.MEMBERS_OR_HOLD.word();
    String refused = Refused.HOLD.word();
    String subscribing = Subscribing.CONFIRM.word();
    String unsubscribing = Unsubscribing.CONFIRM.word();
    String archive = Archive.PUBLIC.word();

    @Column(name = "max_size")
    long maxSize = 1_000_000;

    @Column(name = "min_size")
    long minSize;

    @Column(name = "remove_headers")
    String[] removeHeaders = {};

    @Column(name = "add_headers")
    String[] addHeaders = {};

    @Column(name = "reject_types")
    String[] rejectTypes = {};

    @Column(name = "remove_types")
    String[] removeTypes = {};

    @Column(name = "digest_count")
    int digestCount = 30;

    @Column(name = "digest_size")
    long digestSize = 65_536;

    @Column(name = "digest_hours")
    int digestHours = 48;

    @Column(name = "hold_hours")
    int holdHours = 120;

    String verp = Verp.ON.word();
    String personal = Personal.OFF.word();

    @Column(name = "remote_admin")
    String remoteAdmin = Switch.ON.word();

    @Column(name = "member_list")
    String memberList = Switch.ON.word();

    @Column(name = "text_editing")
    String textEditing = Switch.ON.word();

    String retrieval = Retrieval.READERS.word();

    @Column(name = "confirm_posts")
    String confirmPosts = Switch.OFF.word();

    @Column(name = "timed_out")
    String timedOut = TimedOut.DISCARD.word();

    @Column(name = "flood_limit")
    int floodLimit;

    MailingList in(String domain) {
        return new MailingList(id, new EmailAddress(localPart, domain), settings());
    }

    ListSettings settings() {
        return new ListSettings(Setting.choice(State.class, state), description, language, prefix, footer, Setting.replyTo(replyTo),
                Setting.choice(Posting.class, posting), Setting.choice(Refused.class, refused),
                Setting.choice(Subscribing.class, subscribing),
                Setting.choice(Unsubscribing.class, unsubscribing), Setting.choice(Archive.class, archive), maxSize, minSize,
                List.of(removeHeaders), List.of(addHeaders), List.of(rejectTypes), List.of(removeTypes), digestCount, digestSize,
                digestHours,
                holdHours, Setting.choice(Verp.class, verp), Setting.choice(Personal.class, personal),
                new ByMail(Setting.choice(Switch.class, remoteAdmin), Setting.choice(Switch.class, memberList),
                        Setting.choice(Switch.class, textEditing), Setting.choice(Retrieval.class, retrieval),
                        Setting.choice(Switch.class, confirmPosts), Setting.choice(TimedOut.class, timedOut), floodLimit));
    }
}
