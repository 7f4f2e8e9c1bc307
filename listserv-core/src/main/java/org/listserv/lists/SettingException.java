package org.listserv.lists;

/// A setting that does not exist or cannot have this value. The text says what can be set.
public final class SettingException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    SettingException(String message) {
        super(message);
    }
}
