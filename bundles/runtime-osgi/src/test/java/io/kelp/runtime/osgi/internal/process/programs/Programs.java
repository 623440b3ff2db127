package io.kelp.runtime.osgi.internal.process.programs;

import com.sun.net.httpserver.HttpServer;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Properties;
import java.util.Timer;
import java.util.TimerTask;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import java.util.function.UnaryOperator;

/** Programs as people write them, run from a jar of their own by the tests beside this package. */
public final class Programs {

    private Programs() {}

    public static class Hello {
        public static void main(String[] args) throws Exception {
            System.out.println("hello " + String.join(" ", args) + " " + System.getenv("WHO") + " " + System.getenv().size());
            try (var in = Hello.class.getResourceAsStream("/note.txt")) {
                System.out.println(new String(in.readAllBytes()));
            }
            System.out.println(Thread.currentThread().getContextClassLoader().getResource("note.txt").openStream().readAllBytes().length);
            System.err.println(Thread.currentThread().getThreadGroup().getName());
        }
    }

    public static class Throws {
        public static void main(String[] args) {
            throw new IllegalStateException("no luck");
        }
    }

    /** Lives as long as its threads do. */
    public static class Threads {
        public static void main(String[] args) {
            for (int i = 0; i < 3; i++) {
                int n = i;
                new Thread(() -> {
                    try {
                        Thread.sleep(50 * (n + 1));
                    } catch (InterruptedException e) {
                        return;
                    }
                    System.out.println("thread " + n);
                }).start();
            }
            Thread daemon = new Thread(() -> {
                try {
                    Thread.sleep(100_000);
                } catch (InterruptedException e) {
                    System.out.println("daemon interrupted");
                }
            });
            daemon.setDaemon(true);
            daemon.start();
        }
    }

    /** Each way to end the Java machine that a compiler makes a call or a method reference of. */
    public static class Exits {
        public static void main(String[] args) {
            int code = Integer.parseInt(args[1]);
            IntConsumer reference = System::exit;
            IntConsumer bound = Runtime.getRuntime()::exit;
            IntConsumer halt = Runtime.getRuntime()::halt;
            Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("hook of " + args[0])));
            switch (args[0]) {
                case "system" -> System.exit(code);
                case "runtime" -> Runtime.getRuntime().exit(code);
                case "halt" -> Runtime.getRuntime().halt(code);
                case "reference" -> reference.accept(code);
                case "bound" -> bound.accept(code);
                case "halt-reference" -> halt.accept(code);
                case "thread" -> {
                    new Thread(() -> System.exit(code)).start();
                    forever();
                }
                case "caught" -> {
                    try {
                        System.exit(code);
                    } catch (Throwable t) {
                        forever();
                    }
                }
                default -> throw new IllegalArgumentException(args[0]);
            }
            System.out.println("not reached");
        }
    }

    static void forever() {
        long n = 0;
        while (true) {
            n++;
            if (n == -1) {
                return;
            }
        }
    }

    /** Listens to nothing. */
    public static class Spins {
        public static void main(String[] args) {
            System.out.println("spinning");
            int turns = 0;
            do {
                try {
                    turns += args.length;
                    Thread.interrupted();
                } catch (RuntimeException e) {
                    turns = 0;
                }
            } while (turns >= 0);
        }
    }

    public static class Sleeps {
        public static void main(String[] args) throws Exception {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("tidied up")));
            System.out.println("sleeping");
            Thread.sleep(100_000);
        }
    }

    /** Everything that keeps threads of the JDK, which an interrupt does not end. */
    public static class LeavesOpen {
        public static void main(String[] args) throws Exception {
            HttpServer http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            http.start();
            Executors.newScheduledThreadPool(2).scheduleAtFixedRate(() -> {}, 0, 10, TimeUnit.MILLISECONDS);
            Executors.newSingleThreadExecutor().execute(() -> {});
            Executors.newFixedThreadPool(1, r -> new Thread(r, "named")).execute(() -> {});
            new Timer("timer").schedule(new TimerTask() {
                @Override
                public void run() {}
            }, 0, 10);
            ServerSocket accepting = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
            new Thread(() -> {
                try {
                    accepting.accept();
                } catch (java.io.IOException e) {
                    System.out.println("accept ended");
                }
            }).start();
            System.out.println("ports " + http.getAddress().getPort() + " " + accepting.getLocalPort());
        }
    }

    /** Its loop is in the JDK, where nothing is woven. */
    public static class Stuck {
        public static void main(String[] args) {
            System.out.println("stuck");
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!".matches("(a+)+\\1b|(a*)*(a*)*c");
            java.util.stream.LongStream.iterate(0, n -> n).allMatch(n -> n == 0);
        }
    }

    public static class Meddles {
        public static void main(String[] args) throws Exception {
            PrintStream mine = new PrintStream(new java.io.ByteArrayOutputStream());
            System.setOut(mine);
            System.setErr(mine);
            System.setIn(null);
            System.out.println(System.out == mine);
            System.setProperty("own", "yes");
            System.clearProperty("user.dir");
            System.out.println(System.getProperty("own") + " " + System.getProperty("user.dir") + " " + System.getProperties().getProperty("own"));
            Properties none = new Properties();
            System.setProperties(none);
            System.out.println(System.getProperty("java.version"));
            Thread.setDefaultUncaughtExceptionHandler((thread, e) -> System.out.println("handled " + e.getMessage()));
            Thread failing = new Thread(() -> {
                throw new IllegalStateException("here");
            });
            failing.start();
            failing.join();
            UnaryOperator<String> env = System::getenv;
            System.out.println(env.apply("WHO") + " " + env.apply("PATH"));
        }
    }

    /** Sets what the whole Java machine uses. */
    public static class Replaces {

        /** A service that nobody else has. */
        public static final class Mine extends java.security.Provider {
            private static final long serialVersionUID = 1;

            public Mine() {
                super("Mine", "1", "of a container");
            }
        }

        @SuppressWarnings("deprecation") // the factory of sockets is what a program must not exchange
        public static void main(String[] args) throws Exception {
            java.util.Locale.setDefault(java.util.Locale.forLanguageTag("tr-TR"));
            java.util.TimeZone.setDefault(java.util.TimeZone.getTimeZone("Asia/Kathmandu"));
            java.security.Security.setProperty("jdk.tls.disabledAlgorithms", "TLS");
            for (java.security.Provider provider : java.security.Security.getProviders()) {
                java.security.Security.removeProvider(provider.getName());
            }
            java.util.logging.LogManager.getLogManager().reset();
            java.util.logging.Logger.getLogger("").setLevel(java.util.logging.Level.OFF);
            java.util.logging.Logger.getLogger("own").setLevel(java.util.logging.Level.FINE);
            refused(() -> java.net.ProxySelector.setDefault(null));
            refused(() -> java.net.Authenticator.setDefault(null));
            refused(() -> javax.net.ssl.SSLContext.setDefault(javax.net.ssl.SSLContext.getDefault()));
            refused(() -> javax.net.ssl.HttpsURLConnection.setDefaultHostnameVerifier((name, session) -> true));
            refused(() -> java.net.Socket.setSocketImplFactory(() -> null));
            java.security.Security.insertProviderAt(new Mine(), 1);
            System.out.println(java.security.Security.getProvider("Mine").getName() + " " + !java.security.Security.getProviders()[0].getName().equals("Mine"));
        }

        private interface Way {
            void go() throws Exception;
        }

        private static void refused(Way way) throws Exception {
            try {
                way.go();
                System.out.println("done");
            } catch (SecurityException e) {
                System.out.println("refused");
            }
        }
    }

    /** Opens files until there are no more to be had. */
    public static class HoldsFiles {
        private static final java.util.List<Object> KEPT = new java.util.ArrayList<>();

        public static void main(String[] args) throws Exception {
            try {
                while (true) {
                    KEPT.add(new java.io.FileInputStream("/dev/null"));
                    KEPT.add(java.nio.file.Files.newInputStream(java.nio.file.Path.of("/dev/null")));
                }
            } catch (java.io.IOException e) {
                System.out.println(e.getMessage());
                Thread.sleep(100_000);
            }
        }
    }

    /** Without which nobody can start a thread. */
    public static class HoldsLock {
        public static void main(String[] args) {
            synchronized (Thread.class) {
                System.out.println("locked");
                while (true) {
                    try {
                        Thread.sleep(100_000);
                    } catch (InterruptedException e) {
                        System.out.println("not yet");
                    }
                }
            }
        }
    }

    /** Starts a program, names its process and leaves it; writes to a standard file by its descriptor. */
    public static class Execs {
        public static void main(String[] args) throws Exception {
            java.io.FileOutputStream out = new java.io.FileOutputStream(java.io.FileDescriptor.err);
            out.flush();
            System.out.println(new ProcessBuilder("sleep", "100").start().pid());
        }
    }

    /** Keeps what it allocates, argument 0 KiB each, with so many milliseconds between. */
    public static class Leaks {
        public static void main(String[] args) throws Exception {
            java.util.List<byte[]> kept = new java.util.ArrayList<>();
            while (true) {
                kept.add(new byte[Integer.parseInt(args[0]) << 10]);
                if (args.length > 1) {
                    Thread.sleep(Long.parseLong(args[1]));
                }
            }
        }
    }

    /** A good neighbour that counts. */
    public static class Ticks {
        public static void main(String[] args) throws Exception {
            for (int i = 0; ; i++) {
                System.out.println("tick " + i);
                Thread.sleep(100);
            }
        }
    }

    public static class ManyThreads {
        public static void main(String[] args) {
            for (int i = 0; i < 50; i++) {
                new Thread(() -> {
                    try {
                        Thread.sleep(100_000);
                    } catch (InterruptedException e) {
                        return;
                    }
                }).start();
            }
        }
    }

    /** Past the weaving. */
    public static class Reflects {
        public static void main(String[] args) throws Exception {
            Thread.sleep(500);
            System.class.getMethod("exit", int.class).invoke(null, 0);
        }
    }

    /** By reflection, since it is compiled for a Java that has none. */
    public static class Virtual {
        public static void main(String[] args) throws Exception {
            Runnable work = () -> {
                System.out.println("from a virtual thread, " + System.getenv("WHO"));
                System.exit(5);
            };
            ((Thread) Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, work)).join();
        }
    }
}
