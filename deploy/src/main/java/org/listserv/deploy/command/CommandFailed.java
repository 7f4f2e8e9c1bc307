package org.listserv.deploy.command;

/// The command could not do what was asked. The message is the whole line for people: why, and what to do.
final class CommandFailed extends RuntimeException {

    private static final long serialVersionUID = 1;

    CommandFailed(String message) {
        super(message);
    }

    CommandFailed(String message, Throwable cause) {
        super(message, cause);
    }
}
