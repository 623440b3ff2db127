package io.kelp.runtime.osgi;

import io.kelp.runtime.osgi.internal.process.CurrentContainer;
import io.kelp.runtime.osgi.internal.process.OwnProvider;
import io.kelp.runtime.osgi.internal.process.WatchedContainer;
import java.io.InputStream;
import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.ProxySelector;
import java.net.ResponseCache;
import java.net.SocketImplFactory;
import java.security.Provider;
import java.util.Locale;
import java.util.TimeZone;
import java.util.function.Function;
import java.util.logging.Filter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;
import javax.net.ssl.HostnameVerifier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;

/**
 * What the classes of a container call in place of methods of the JDK that set a default of the whole Java
 * machine. What changes how things look only is left as it is, and the container's log says so; what a program
 * relies on for its safety or its connections is refused with a {@link SecurityException}, whose message names
 * the way to have it for oneself.
 *
 * <p>Programs need not call it: calls are replaced when a class is loaded. Safe for use by several threads.
 */
public final class ContainerDefaults {

    private ContainerDefaults() {}

    private static void unchanged(String what) {
        WatchedContainer container = CurrentContainer.ofThreadOrCaller();
        if (container != null) {
            container.logOnce(what + " belongs to the whole gateway and stays as it is");
        }
    }

    private static SecurityException refused(String what, String instead) {
        return new SecurityException(what + " of the whole gateway must not be replaced by a container; " + instead);
    }

    // ---- how things look

    public static void setDefault(Locale locale) {
        unchanged("the default locale");
    }

    public static void setDefault(Locale.Category category, Locale locale) {
        unchanged("the default locale");
    }

    public static void setDefault(TimeZone zone) {
        unchanged("the default time zone");
    }

    // ---- connections

    public static void setDefault(ProxySelector selector) {
        throw refused("the proxy selector", "give it to the HttpClient or the connection");
    }

    public static void setDefault(Authenticator authenticator) {
        throw refused("the authenticator", "give it to the HttpClient or the connection");
    }

    public static void setDefault(CookieHandler handler) {
        throw refused("the cookie handler", "give it to the HttpClient");
    }

    public static void setDefault(ResponseCache cache) {
        throw refused("the response cache", "keep one of your own");
    }

    public static void setDefault(SSLContext context) {
        throw refused("the TLS context", "give it to the client or the socket factory");
    }

    public static void setDefaultHostnameVerifier(HostnameVerifier verifier) {
        throw refused("the host name verifier", "give it to the connection");
    }

    public static void setDefaultSSLSocketFactory(SSLSocketFactory factory) {
        throw refused("the TLS socket factory", "give it to the connection");
    }

    public static void setSocketImplFactory(SocketImplFactory factory) {
        throw refused("the socket factory", "make your sockets with it yourself");
    }

    public static void setSocketFactory(SocketImplFactory factory) {
        throw refused("the server socket factory", "make your sockets with it yourself");
    }

    // ---- security

    /** As {@link java.security.Security#addProvider}, until the container ends. */
    public static int addProvider(Provider provider) {
        WatchedContainer container = CurrentContainer.ofThreadOrCaller();
        if (container == null) {
            throw refused("the list of security providers", "give the provider to getInstance");
        }
        return OwnProvider.add(provider, container);
    }

    /** As {@link #addProvider}: those of the gateway go first. */
    public static int insertProviderAt(Provider provider, int position) {
        return addProvider(provider);
    }

    public static void removeProvider(String name) {
        unchanged("the list of security providers");
    }

    /** Has no effect. */
    public static void setProperty(String name, String value) {
        unchanged("security property " + name);
    }

    // ---- java.util.logging

    /** Has no effect. */
    public static void reset(LogManager manager) {
        unchanged("the configuration of java.util.logging");
    }

    /** Has no effect. */
    public static void readConfiguration(LogManager manager) {
        reset(manager);
    }

    /** Has no effect. */
    public static void readConfiguration(LogManager manager, InputStream in) {
        reset(manager);
    }

    /** Has no effect. */
    public static void updateConfiguration(LogManager manager, Function<String, ?> mapper) {
        reset(manager);
    }

    /** Has no effect. */
    public static void updateConfiguration(LogManager manager, InputStream in, Function<String, ?> mapper) {
        reset(manager);
    }

    private static boolean isGateways(Logger logger) {
        String name = logger.getName();
        boolean gateways = name != null && (name.isEmpty() || name.startsWith("io.kelp.") || name.startsWith("org.apache.felix."));
        if (gateways) {
            unchanged("logger \"" + name + "\"");
        }
        return gateways;
    }

    public static void setLevel(Logger logger, Level level) {
        if (!isGateways(logger)) {
            logger.setLevel(level);
        }
    }

    public static void setFilter(Logger logger, Filter filter) {
        if (!isGateways(logger)) {
            logger.setFilter(filter);
        }
    }

    public static void addHandler(Logger logger, Handler handler) {
        if (!isGateways(logger)) {
            logger.addHandler(handler);
        }
    }

    public static void removeHandler(Logger logger, Handler handler) {
        if (!isGateways(logger)) {
            logger.removeHandler(handler);
        }
    }

    public static void setUseParentHandlers(Logger logger, boolean use) {
        if (!isGateways(logger)) {
            logger.setUseParentHandlers(use);
        }
    }
}
