package io.kelp.runtime.osgi.internal.process;

import java.util.Map;
import java.util.Set;

/** Which calls of the JDK are replaced, and which tell what they open. Internal names and descriptors as in class files. */
final class Redirections {

    private static final String RUNTIME = "java/lang/Runtime";

    /** Owner, name, descriptor → descriptor of the static method of the same name in ContainerSystem. */
    private static final Map<String, String> REPLACED = Map.ofEntries(
            Map.entry("java/lang/System.exit(I)V", "(I)V"),
            Map.entry(RUNTIME + ".exit(I)V", "(Ljava/lang/Runtime;I)V"),
            Map.entry(RUNTIME + ".halt(I)V", "(Ljava/lang/Runtime;I)V"),
            Map.entry(RUNTIME + ".addShutdownHook(Ljava/lang/Thread;)V", "(Ljava/lang/Runtime;Ljava/lang/Thread;)V"),
            Map.entry(RUNTIME + ".removeShutdownHook(Ljava/lang/Thread;)Z", "(Ljava/lang/Runtime;Ljava/lang/Thread;)Z"),
            Map.entry("java/lang/System.getenv()Ljava/util/Map;", "()Ljava/util/Map;"),
            Map.entry("java/lang/System.getenv(Ljava/lang/String;)Ljava/lang/String;", "(Ljava/lang/String;)Ljava/lang/String;"),
            Map.entry("java/lang/System.setOut(Ljava/io/PrintStream;)V", "(Ljava/io/PrintStream;)V"),
            Map.entry("java/lang/System.setErr(Ljava/io/PrintStream;)V", "(Ljava/io/PrintStream;)V"),
            Map.entry("java/lang/System.setIn(Ljava/io/InputStream;)V", "(Ljava/io/InputStream;)V"),
            Map.entry("java/lang/System.setProperties(Ljava/util/Properties;)V", "(Ljava/util/Properties;)V"),
            same("java/lang/System.getProperties()Ljava/util/Properties;"),
            same("java/lang/System.getProperty(Ljava/lang/String;)Ljava/lang/String;"),
            same("java/lang/System.getProperty(Ljava/lang/String;Ljava/lang/String;)Ljava/lang/String;"),
            same("java/lang/System.setProperty(Ljava/lang/String;Ljava/lang/String;)Ljava/lang/String;"),
            same("java/lang/System.clearProperty(Ljava/lang/String;)Ljava/lang/String;"),
            Map.entry("java/lang/Thread.setDefaultUncaughtExceptionHandler(Ljava/lang/Thread$UncaughtExceptionHandler;)V",
                    "(Ljava/lang/Thread$UncaughtExceptionHandler;)V"));

    private static final String LOGGER = "java/util/logging/Logger";
    private static final String LOG_MANAGER = "java/util/logging/LogManager";

    /** Likewise, what sets a default of the whole Java machine, in ContainerDefaults. */
    private static final Map<String, String> DEFAULTS = Map.ofEntries(
            same("java/util/Locale.setDefault(Ljava/util/Locale;)V"),
            same("java/util/Locale.setDefault(Ljava/util/Locale$Category;Ljava/util/Locale;)V"),
            same("java/util/TimeZone.setDefault(Ljava/util/TimeZone;)V"),
            same("java/net/ProxySelector.setDefault(Ljava/net/ProxySelector;)V"),
            same("java/net/Authenticator.setDefault(Ljava/net/Authenticator;)V"),
            same("java/net/CookieHandler.setDefault(Ljava/net/CookieHandler;)V"),
            same("java/net/ResponseCache.setDefault(Ljava/net/ResponseCache;)V"),
            same("javax/net/ssl/SSLContext.setDefault(Ljavax/net/ssl/SSLContext;)V"),
            same("javax/net/ssl/HttpsURLConnection.setDefaultHostnameVerifier(Ljavax/net/ssl/HostnameVerifier;)V"),
            same("javax/net/ssl/HttpsURLConnection.setDefaultSSLSocketFactory(Ljavax/net/ssl/SSLSocketFactory;)V"),
            same("java/net/Socket.setSocketImplFactory(Ljava/net/SocketImplFactory;)V"),
            same("java/net/ServerSocket.setSocketFactory(Ljava/net/SocketImplFactory;)V"),
            same("java/security/Security.addProvider(Ljava/security/Provider;)I"),
            same("java/security/Security.insertProviderAt(Ljava/security/Provider;I)I"),
            same("java/security/Security.removeProvider(Ljava/lang/String;)V"),
            same("java/security/Security.setProperty(Ljava/lang/String;Ljava/lang/String;)V"),
            bound(LOG_MANAGER, "reset", ")V"), bound(LOG_MANAGER, "readConfiguration", ")V"),
            bound(LOG_MANAGER, "readConfiguration", "Ljava/io/InputStream;)V"),
            bound(LOG_MANAGER, "updateConfiguration", "Ljava/util/function/Function;)V"),
            bound(LOG_MANAGER, "updateConfiguration", "Ljava/io/InputStream;Ljava/util/function/Function;)V"),
            bound(LOGGER, "setLevel", "Ljava/util/logging/Level;)V"), bound(LOGGER, "setFilter", "Ljava/util/logging/Filter;)V"),
            bound(LOGGER, "addHandler", "Ljava/util/logging/Handler;)V"), bound(LOGGER, "removeHandler", "Ljava/util/logging/Handler;)V"),
            bound(LOGGER, "setUseParentHandlers", "Z)V"));

    private static final String FRAMEWORK = "org/osgi/framework/";
    private static final String BUNDLE = "Lorg/osgi/framework/Bundle;";
    private static final String CONTEXT = "Lorg/osgi/framework/BundleContext;";

    /** Likewise, of the OSGi framework, in ContainerFramework: the receiver becomes the first parameter. */
    private static final Set<String> GUARDED = Set.of(
            FRAMEWORK + "Bundle.getBundleContext()" + CONTEXT, FRAMEWORK + "Bundle.adapt(Ljava/lang/Class;)Ljava/lang/Object;",
            FRAMEWORK + "Bundle.start()V", FRAMEWORK + "Bundle.start(I)V", FRAMEWORK + "Bundle.stop()V", FRAMEWORK + "Bundle.stop(I)V",
            FRAMEWORK + "Bundle.update()V", FRAMEWORK + "Bundle.update(Ljava/io/InputStream;)V", FRAMEWORK + "Bundle.uninstall()V",
            FRAMEWORK + "BundleContext.getBundle(Ljava/lang/String;)" + BUNDLE,
            FRAMEWORK + "BundleContext.installBundle(Ljava/lang/String;)" + BUNDLE,
            FRAMEWORK + "BundleContext.installBundle(Ljava/lang/String;Ljava/io/InputStream;)" + BUNDLE);

    private static final Set<String> OPENED = Set.of("java/net/Socket", "java/net/ServerSocket", "java/net/DatagramSocket",
            "java/net/MulticastSocket", "java/nio/channels/SocketChannel", "java/nio/channels/ServerSocketChannel",
            "java/nio/channels/DatagramChannel", "java/nio/channels/AsynchronousSocketChannel",
            "java/nio/channels/AsynchronousServerSocketChannel", "java/nio/channels/Selector",
            "java/util/Timer", "java/util/concurrent/ExecutorService", "java/util/concurrent/ScheduledExecutorService",
            "java/util/concurrent/ThreadPoolExecutor", "java/util/concurrent/ScheduledThreadPoolExecutor",
            "java/util/concurrent/ForkJoinPool", "java/nio/channels/AsynchronousChannelGroup", "javax/net/ssl/SSLSocket",
            "javax/net/ssl/SSLServerSocket", "com/sun/net/httpserver/HttpServer", "com/sun/net/httpserver/HttpsServer");

    private Redirections() {}

    /** A static method. */
    private static Map.Entry<String, String> same(String method) {
        return Map.entry(method, method.substring(method.indexOf('(')));
    }

    /** One of an object, which becomes the first parameter. */
    private static Map.Entry<String, String> bound(String owner, String name, String descriptor) {
        return Map.entry(owner + "." + name + "(" + descriptor, "(L" + owner + ";" + descriptor);
    }

    /**
     * Descriptor of the method to be called instead, null if the call stays.
     *
     * @param bundle whether the call is in a class of a bundle: a plain jar may bring a framework of its own
     */
    static String replacement(String owner, String name, String descriptor, boolean bundle) {
        if (owner.startsWith(FRAMEWORK)) {
            return bundle && GUARDED.contains(owner + "." + name + descriptor) ? "(L" + owner + ";" + descriptor.substring(1) : null;
        }
        if (owner.startsWith("java/lang/")) {
            return REPLACED.get(owner + "." + name + descriptor);
        }
        return owner.startsWith("java") ? DEFAULTS.get(owner + "." + name + descriptor) : null;
    }

    /** Internal name of the class that has the {@link #replacement}. */
    static String target(String owner) {
        if (owner.startsWith(FRAMEWORK)) {
            return ClassWeaver.FRAMEWORK_TARGET;
        }
        return owner.startsWith("java/lang/") ? ClassWeaver.TARGET : ClassWeaver.DEFAULTS_TARGET;
    }

    /** Whether a constructor of this class opens something. */
    static boolean opens(String type) {
        return OPENED.contains(type);
    }

    /** Whether this method of the JDK returns something that was opened. */
    static boolean returnsOpened(String owner, String descriptor) {
        if (!owner.startsWith("java") && !owner.startsWith("com/sun/net/")) {
            return false;
        }
        int type = descriptor.indexOf(')') + 1;
        return descriptor.charAt(type) == 'L' && OPENED.contains(descriptor.substring(type + 1, descriptor.length() - 1));
    }
}
