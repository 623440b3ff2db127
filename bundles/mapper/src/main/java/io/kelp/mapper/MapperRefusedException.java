package io.kelp.mapper;

/** A mapper cannot be installed, updated or removed. The message is one sentence with the cause and the remedy. */
public class MapperRefusedException extends Exception {

    private static final long serialVersionUID = 1L;

    public MapperRefusedException(String message) {
        super(message);
    }

    public MapperRefusedException(String message, Throwable cause) {
        super(message, cause);
    }
}
