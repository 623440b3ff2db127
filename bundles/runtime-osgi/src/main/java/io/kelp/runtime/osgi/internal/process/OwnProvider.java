package io.kelp.runtime.osgi.internal.process;

import java.io.Closeable;
import java.security.Provider;
import java.security.Security;

/** A security provider that a container has added: last in the list, and there no longer than the container. */
public final class OwnProvider implements Closeable {

    private final String name;

    private OwnProvider(String name) {
        this.name = name;
    }

    /** @return as {@link Security#addProvider} */
    public static int add(Provider provider, WatchedContainer container) {
        int position = Security.addProvider(provider);
        if (position > 0) {
            container.keep(new OwnProvider(provider.getName()));
        }
        return position;
    }

    @Override
    public void close() {
        Security.removeProvider(name);
    }
}
