package org.listserv.deploy.command;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Scanner;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

import org.listserv.deploy.config.Configuration;
import org.listserv.deploy.config.Configuration.Purpose;
import org.listserv.deploy.config.ConfigurationMistakes;
import org.listserv.deploy.demo.DemoTrouble;
import org.listserv.deploy.node.Core;
import org.listserv.deploy.node.NodeRefused;
import org.listserv.deploy.node.Role;
import org.listserv.lists.RefusedChange;
import org.listserv.lists.SettingException;
import org.listserv.mail.AddressSyntaxException;
import org.listserv.mail.EmailAddress;
import org.listserv.mail.MboxReader.Quoting;
import org.listserv.members.MemberSet;
import org.listserv.store.DatabaseUnavailable;
import org.listserv.store.Migrations;
import org.listserv.store.StatementFailed;

/// The command `listserv`: which commands there are, the options all of them have, and how failures are told.
@Command(name = "listserv", versionProvider = Listserv.Version.class, synopsisSubcommandLabel = "COMMAND", description = "Mailing lists: takes mail from an MTA, archives it, and hands it to every subscriber.", footer = {
        "", "`listserv COMMAND --help` explains each of them. To see everything at work: `listserv demo`.",
        "Exit codes: 0 done, 1 failed (one line on stderr says why and what to do), 2 wrong usage."})
public final class Listserv implements Runnable {

    private static final String COMMAND_MISSING = "a command is missing";
    private static final int DONE = 0;
    private static final int FAILED = 1;
    private static final int WRONG_USAGE = 2;

    private final Terminal terminal;

    @Option(names = "--config", scope = ScopeType.INHERIT, paramLabel = "FILE", description = "Configuration file; else $LISTSERV_CONFIG, else /etc/listserv/listserv.yaml.")
    private @Nullable Path file;

    @Option(names = "--debug", scope = ScopeType.INHERIT, description = "When something fails, print where in the program.")
    private boolean debug;

    @Option(names = {"-h", "--help"}, scope = ScopeType.INHERIT, usageHelp = true, description = "Explain this command.")
    @SuppressWarnings("UnusedVariable") // picocli acts on it
    private boolean help;

    @Option(names = {"-V", "--version"}, versionHelp = true, description = "Print the version.")
    @SuppressWarnings("UnusedVariable") // picocli acts on it
    private boolean version;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    private Listserv(Terminal terminal) {
        this.terminal = terminal;
    }

    /// @return the exit code
    public static int run(Terminal terminal, String... words) {
        int code = commandLine(terminal).execute(words);
        terminal.out().flush();
        return terminal.out().checkError() && code == DONE ? FAILED : code; // what we said did not arrive: a full disk
    }

    static CommandLine commandLine(Terminal terminal) {
        var listserv = new Listserv(terminal);
        return new CommandLine(listserv)
                .addSubcommand(new DemoCommand(listserv))
                .addSubcommand(new ServeCommand(listserv))
                .addSubcommand(new MigrateCommand(listserv))
                .addSubcommand(new DomainCommands(listserv))
                .addSubcommand(new ListCommands(listserv))
                .addSubcommand(new MemberCommands(listserv))
                .addSubcommand(new HeldCommands(listserv))
                .addSubcommand(new TextCommands(listserv))
                .addSubcommand(new KeyCommands(listserv))
                .addSubcommand(new ExplainCommand(listserv))
                .addSubcommand(new BounceCommands(listserv))
                .addSubcommand(new QueueCommands(listserv))
                .addSubcommand(new FindCommand(listserv))
                .addSubcommand(new StatusCommand(listserv))
                .addSubcommand(new ImportCommands(listserv))
                .addSubcommand(new ExportCommands(listserv))
                .addSubcommand(new ArchiveCommands(listserv))
                .addSubcommand(new ConfigCommands(listserv))
                .registerConverter(Format.Kind.class, word -> choice(Format.Kind.class, word))
                .registerConverter(MemberSet.class, word -> choice(MemberSet.class, word))
                .registerConverter(MemberCommands.How.class, word -> choice(MemberCommands.How.class, word))
                .registerConverter(org.listserv.members.Role.class, word -> choice(org.listserv.members.Role.class, word))
                .registerConverter(Role.class, word -> choice(Role.class, word))
                .registerConverter(Quoting.class, word -> choice(Quoting.class, word))
                .registerConverter(EmailAddress.class, Listserv::address)
                .setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8))
                .setUsageHelpAutoWidth(true)
                .setParameterExceptionHandler((e, _) -> listserv.wrongUsage(e))
                .setExecutionExceptionHandler((e, _, _) -> listserv.failed(e));
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), COMMAND_MISSING);
    }

    Terminal terminal() {
        return terminal;
    }

    Configuration configuration(Purpose purpose) throws ConfigurationMistakes {
        return Configuration.read(file, terminal.environment(), purpose);
    }

    /// The core, opened for one command; to be closed.
    Core core() throws ConfigurationMistakes {
        return new Core(configuration(Purpose.COMMAND));
    }

    /// What somebody types as the answer; empty at the end of standard input.
    String asked(String question) {
        terminal.err().print(question);
        terminal.err().flush();
        var line = new Scanner(terminal.in(), StandardCharsets.UTF_8);
        return line.hasNextLine() ? line.nextLine() : "";
    }

    void say(Object line) {
        terminal.out().println(line);
    }

    private int wrongUsage(ParameterException e) {
        var command = e.getCommandLine().getCommandSpec().qualifiedName();
        tell(oneLine(e instanceof UnmatchedArgumentException unknown ? unknown(unknown) : plain(String.valueOf(e.getMessage())))
                + " (`" + command + " --help` explains)");
        return WRONG_USAGE;
    }

    /// What picocli says, without what only picocli cares about.
    private static String plain(String message) {
        return message.startsWith("Missing required subcommand")
                ? COMMAND_MISSING
                : message.replaceFirst("^Invalid value for positional parameter.*?: ", "").replaceFirst("^Invalid value for option '(.*?)'",
                        "$1");
    }

    private static String oneLine(String text) {
        return text.strip().replaceAll("\\s*\\R\\s*", " ");
    }

    private static String unknown(UnmatchedArgumentException e) {
        var word = e.getUnmatched().getFirst();
        var kind = e.isUnknownOption() ? "option" : e.getCommandLine().getSubcommands().isEmpty() ? "argument" : "command";
        var near = e.getSuggestions().stream().limit(2).map(suggestion -> "`" + suggestion + "`").collect(Collectors.joining(" or "));
        return (kind.equals("argument") ? "`" + word + "` is one argument too many" : "there is no " + kind + " `" + word + "`")
                + (near.isEmpty() ? "" : "; did you mean " + near + "?");
    }

    private int failed(Exception e) {
        if (debug) {
            e.printStackTrace(terminal.err());
        }
        switch (e) {
            case CommandFailed failure -> tell(String.valueOf(failure.getMessage()));
            case DemoTrouble trouble -> tell(String.valueOf(trouble.getMessage()));
            case NodeRefused refused -> tell(String.valueOf(refused.getMessage()));
            case RefusedChange refused -> tell(String.valueOf(refused.getMessage()));
            case SettingException wrong -> tell(String.valueOf(wrong.getMessage()));
            case ConfigurationMistakes mistakes -> mistakes.mistakes().forEach(mistake -> tell(mistake.toString()));
            case DatabaseUnavailable unavailable ->
                tell(withoutDot(unavailable.getMessage()) + "; start the database, or correct " + databaseKey());
            case StatementFailed statement -> tell(schemaTrouble().orElseGet(() -> unexpected(statement)));
            default -> tell(unexpected(e));
        }
        return FAILED;
    }

    /// A statement that can never work is most often one for a schema that is not there.
    private Optional<String> schemaTrouble() {
        try {
            new Migrations(configuration(Purpose.COMMAND).database()).check();
            return Optional.empty();
        } catch (ConfigurationMistakes | RuntimeException e) {
            return Optional.ofNullable(e.getMessage());
        }
    }

    private String databaseKey() {
        try {
            return "listserv.database.url (" + configuration(Purpose.COMMAND).databaseOrigin() + ")";
        } catch (ConfigurationMistakes e) {
            return "listserv.database.url";
        }
    }

    private String unexpected(Exception e) {
        var what = e.getMessage() == null ? e.getClass().getSimpleName() : e.getClass().getSimpleName() + ": " + e.getMessage();
        return "this should not happen: " + oneLine(what) + (debug ? "" : " (--debug says where; please report it)");
    }

    private static <E extends Enum<E>> E choice(Class<E> choices, String word) {
        return Arrays.stream(choices.getEnumConstants()).filter(choice -> Json.word(choice).equals(word)).findFirst()
                .orElseThrow(() -> new TypeConversionException("expected "
                        + Arrays.stream(choices.getEnumConstants()).map(Json::word).collect(Collectors.joining(" or ")) + ", found `" + word
                        + "`"));
    }

    static EmailAddress address(String text) {
        try {
            return EmailAddress.parse(text);
        } catch (AddressSyntaxException e) {
            throw new TypeConversionException("`" + text + "` is no mail address: " + e.getMessage());
        }
    }

    private static String withoutDot(@Nullable String sentence) {
        return String.valueOf(sentence).replaceFirst("\\.$", "");
    }

    private void tell(String line) {
        terminal.err().println("listserv: " + line);
    }

    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[]{
                    "listserv " + Optional.ofNullable(Listserv.class.getPackage().getImplementationVersion()).orElse("(unpackaged)")};
        }
    }
}
