package io.kelp.edgehub;

/** A request got no answer: no link, the link broke, or the time ran out. The message says which. */
public final class LinkException extends Exception {

    private static final long serialVersionUID = 1L;

    public LinkException(String message) {
        super(message);
    }
}
