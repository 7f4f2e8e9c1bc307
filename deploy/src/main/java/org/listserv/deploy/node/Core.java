package org.listserv.deploy.node;

import java.time.Clock;
import java.util.function.IntSupplier;

import org.listserv.bounce.Verp;
import org.listserv.delivery.DeliveryQueue;
import org.listserv.deploy.config.Configuration;
import org.listserv.deploy.config.ConfigurationMistakes;
import org.listserv.lists.AddressBook;
import org.listserv.lists.FormerNames;
import org.listserv.lists.Lists;
import org.listserv.lists.MailingList;
import org.listserv.members.Members;
import org.listserv.moderation.HeldPosts;
import org.listserv.notices.Texts;
import org.listserv.posting.Import;
import org.listserv.posting.Permalinks;
import org.listserv.posting.Posting;
import org.listserv.reception.Effects;
import org.listserv.reception.SetAside;
import org.listserv.requests.Kit;
import org.listserv.requests.Tokens;
import org.listserv.store.Database;
import org.listserv.store.SigningKeys;
import org.listserv.store.WakeUps;

/// The parts of `listserv-core` as they hang together, for a node as for a command. What only some commands need is made when it is asked for.
public final class Core implements AutoCloseable {

    private final Configuration configuration;
    private final Clock clock;
    private final Database database;
    private final WakeUps wakeUps;
    private final Lists lists;
    private final Members members;
    private final Texts texts;

    /// Does not wait for the database.
    public Core(Configuration configuration) {
        this(configuration, Database.open(configuration.database()), Clock.systemUTC());
    }

    private Core(Configuration configuration, Database database, Clock clock) {
        this.configuration = configuration;
        this.clock = clock;
        this.database = database;
        this.wakeUps = new WakeUps(configuration.database());
        this.lists = new Lists(database, wakeUps);
        this.members = new Members(database);
        this.texts = new Texts(database, configuration.texts());
    }

    /// Goes by the database's clock, however it is shifted.
    static Core withTestClock(Configuration configuration) {
        var database = Database.open(configuration.database());
        return new Core(configuration, database, PolicyClock.following(database));
    }

    public Database database() {
        return database;
    }

    public WakeUps wakeUps() {
        return wakeUps;
    }

    public Lists lists() {
        return lists;
    }

    public FormerNames formerNames() {
        return new FormerNames(database, lists);
    }

    public Permalinks permalinks() {
        return new Permalinks(database);
    }

    /// Brings an archive into a list.
    public Import importing(Posting posting, MailingList list) {
        return new Import(posting, permalinks(), list, formerNames().listIds(list), clock);
    }

    public Members members() {
        return members;
    }

    public Clock clock() {
        return clock;
    }

    public AddressBook addressBook() {
        return new AddressBook(database, lists);
    }

    /// For a command, which is no node.
    public Posting posting() {
        return posting(() -> 0);
    }

    /// @param node id of the node that receives, 0 as long as it has not joined
    Posting posting(IntSupplier node) {
        return new Posting(database, members, wakeUps, node);
    }

    public HeldPosts heldPosts(Posting posting) {
        return new HeldPosts(database, lists, posting, texts, configuration.baseUrl(), clock);
    }

    /// @throws ConfigurationMistakes when there is no postmaster
    public Effects effects(Posting posting) throws ConfigurationMistakes {
        return new Effects(kit(posting), verp());
    }

    /// @throws ConfigurationMistakes when there is no postmaster
    public Kit kit(Posting posting) throws ConfigurationMistakes {
        return new Kit(database, lists, members, heldPosts(posting), posting, texts(), new Tokens(signingKeys()), configuration.baseUrl(),
                configuration.postmaster(), clock);
    }

    public Texts texts() {
        return texts;
    }

    public SigningKeys signingKeys() {
        return new SigningKeys(database);
    }

    public Verp verp() {
        return new Verp(signingKeys());
    }

    public DeliveryQueue queue() {
        return new DeliveryQueue(database);
    }

    /// @throws ConfigurationMistakes when there is no postmaster
    public SetAside setAside() throws ConfigurationMistakes {
        var posting = posting();
        return new SetAside(database, addressBook(), effects(posting), posting);
    }

    /// Who does what a command does, for `audit`.
    public String actor() {
        return System.getProperty("user.name") + "@" + configuration.nodeName();
    }

    /// Tells the nodes what changed before it returns.
    @Override
    public void close() {
        wakeUps.close();
        database.close();
    }
}
