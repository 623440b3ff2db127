package io.kelp.runtime.osgi.internal.process;

/** Unwinds a thread of a container that has ended or is being ended. An Error, so that few catch it. */
public final class ContainerExit extends Error {

    private static final long serialVersionUID = 1L;

    public ContainerExit(int code) {
        this("the container ends with code " + code);
    }

    ContainerExit(String message) {
        super(message, null, false, false);
    }
}
