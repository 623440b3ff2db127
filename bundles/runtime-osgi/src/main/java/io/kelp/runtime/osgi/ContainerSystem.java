package io.kelp.runtime.osgi;

import io.kelp.runtime.osgi.internal.process.Checkpoint;
import io.kelp.runtime.osgi.internal.process.ContainerExit;
import io.kelp.runtime.osgi.internal.process.CurrentContainer;
import io.kelp.runtime.osgi.internal.process.WatchedContainer;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/**
 * What the classes of a container call in place of {@link System} and {@link Runtime}: calls of methods
 * that concern the whole Java machine are replaced by these when a class of a container is loaded. The
 * container is that of the thread, else that of the calling class.
 *
 * <p>Programs need not call it, with one exception: {@link #context()} gives a plain jar what a bundle
 * gets as a service. Safe for use by several threads.
 */
public final class ContainerSystem {

    private ContainerSystem() {}

    /** The container of the caller; empty outside of containers. */
    public static Optional<PodContext> context() {
        return CurrentContainer.context();
    }

    /** Ends the container, not the Java machine. Does not return. */
    public static void exit(int code) {
        PodContext context = CurrentContainer.context().orElseThrow(() ->
                new SecurityException("exit(" + code + ") of code that belongs to no container is refused: it would end the gateway"));
        context.exit(code);
        throw new ContainerExit(code);
    }

    /** In place of {@link Runtime#exit}. */
    public static void exit(Runtime runtime, int code) {
        exit(code);
    }

    /** In place of {@link Runtime#halt}: as exit, but shutdown hooks of the container are not run. */
    public static void halt(Runtime runtime, int code) {
        Optional.ofNullable(CurrentContainer.ofThread()).ifPresent(WatchedContainer::dropHooks);
        exit(code);
    }

    /** The container's environment. */
    public static Map<String, String> getenv() {
        return CurrentContainer.context().map(PodContext::env).orElse(Map.of());
    }

    /** A variable of the container's environment, null when it has none of that name. */
    public static String getenv(String name) {
        return getenv().get(name);
    }

    /** To be run when the container ends. */
    public static void addShutdownHook(Runtime runtime, Thread hook) {
        ofThread().addHook(hook);
    }

    /** @return whether it was a hook of the container */
    public static boolean removeShutdownHook(Runtime runtime, Thread hook) {
        return ofThread().removeHook(hook);
    }

    /** For the threads of the container only. */
    public static void setDefaultUncaughtExceptionHandler(Thread.UncaughtExceptionHandler handler) {
        ofThread().uncaughtHandler(handler);
    }

    /** Has no effect: what a container writes goes to its log. */
    public static void setOut(PrintStream out) {}

    /** Has no effect: what a container writes goes to its log. */
    public static void setErr(PrintStream err) {}

    /** Has no effect: a container has no standard input. */
    public static void setIn(InputStream in) {}

    /** The container's own; null for those of the Java machine. */
    public static void setProperties(Properties properties) {
        WatchedContainer container = CurrentContainer.ofThreadOrCaller();
        if (container != null) {
            container.properties(properties);
        }
    }

    /** The container's own system properties: what it sets is seen by its own code only, not by the JDK. */
    public static Properties getProperties() {
        return ownProperties();
    }

    /** Of {@link #getProperties}. */
    public static String getProperty(String name) {
        return properties().getProperty(checked(name));
    }

    /** Of {@link #getProperties}. */
    public static String getProperty(String name, String otherwise) {
        return properties().getProperty(checked(name), otherwise);
    }

    /** In {@link #getProperties}. */
    public static String setProperty(String name, String value) {
        return (String) ownProperties().setProperty(checked(name), value);
    }

    /** In {@link #getProperties}. */
    public static String clearProperty(String name) {
        return ownProperties().remove(checked(name)) instanceof String was ? was : null;
    }

    private static String checked(String name) {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("key can't be empty");
        }
        return name;
    }

    private static Properties properties() {
        WatchedContainer container = CurrentContainer.ofThreadOrCaller();
        return container == null ? System.getProperties() : container.properties();
    }

    /** A copy that nobody sees when nobody knows whose code it is. */
    private static Properties ownProperties() {
        WatchedContainer container = CurrentContainer.ofThreadOrCaller();
        return container == null ? (Properties) System.getProperties().clone() : container.ownProperties();
    }

    /** Notes what must be closed, shut down or cancelled when the container ends and has not done so itself. */
    public static void opened(Object resource) {
        if (resource != null) {
            Optional.ofNullable(CurrentContainer.ofThread()).ifPresent(container -> container.opened(resource));
        }
    }

    /** Called in each turn of a loop: where a container is ended or slowed down that does not listen. */
    public static void checkpoint() {
        if (Checkpoint.wanted()) {
            Checkpoint.pass();
        }
    }

    private static WatchedContainer ofThread() {
        WatchedContainer container = CurrentContainer.ofThread();
        if (container == null) {
            throw new IllegalStateException("no container to do that for: call it on a thread of the container");
        }
        return container;
    }
}
