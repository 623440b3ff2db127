package io.kelp.control;

import org.osgi.annotation.versioning.ProviderType;

/** Who may use the web console. There is no default password; {@code kelp console on} makes one. */
@ProviderType
public interface ConsoleAccess {

    /** Name of the only user. */
    String USER = "admin";

    /**
     * Whether name and password are right. Takes some 100 ms of processor time for a password
     * that is not the one that was right last; slows down after wrong ones.
     */
    boolean allows(String user, char[] password);
}
