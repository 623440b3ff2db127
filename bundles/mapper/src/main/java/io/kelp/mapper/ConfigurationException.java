package io.kelp.mapper;

/**
 * A device cannot be driven as it is configured. The message is one sentence for a plant engineer
 * and names device, property, key, the value at fault and the values allowed.
 */
public class ConfigurationException extends Exception {

    private static final long serialVersionUID = 1L;

    public ConfigurationException(String message) {
        super(message);
    }

    public ConfigurationException(String message, Throwable cause) {
        super(message, cause);
    }
}
