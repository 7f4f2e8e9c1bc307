package org.listserv.mail;

/// A text is not a mailbox. The message names the part that is wrong and never repeats the text itself, so it is safe in a reply or a log.
public final class AddressSyntaxException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /// The part of an address that can be wrong.
    public enum Part {
        ADDRESS("address"),
        LOCAL_PART("local part"),
        DOMAIN("domain");

        private final String words;

        Part(String words) {
            this.words = words;
        }

        @Override
        public String toString() {
            return words;
        }
    }

    private final Part part;

    AddressSyntaxException(Part part, String what) {
        super(part + " " + what);
        this.part = part;
    }

    public Part part() {
        return part;
    }
}
