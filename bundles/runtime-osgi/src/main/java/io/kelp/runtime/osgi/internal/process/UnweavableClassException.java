package io.kelp.runtime.osgi.internal.process;

/** A class of a container that cannot be loaded, since what it calls cannot be replaced. */
public final class UnweavableClassException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    UnweavableClassException(String message) {
        super(message);
    }
}
