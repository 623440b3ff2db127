package io.kelp.testkit.registry;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;

/**
 * A registry of images in this process that does what the specification says, asks for logins, and misbehaves when told to:
 * {@link #on} puts a {@link Fault} before its answers. Whatever it was asked stands in {@link #requests}.
 */
public final class RegistryServer implements AutoCloseable {

    private final ServerSocket listener;
    private final boolean tls;
    private final RegistryContent content;
    private final List<RegistryRequest> requests = new CopyOnWriteArrayList<>();
    private final List<Rule> rules = new CopyOnWriteArrayList<>();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile RegistryAccess access = RegistryAccess.EVERYBODY;

    private static final class Rule {

        private final String method;
        private final Pattern path;
        private final Fault fault;
        private int left;

        Rule(String method, Pattern path, Fault fault, int times) {
            this.method = method;
            this.path = path;
            this.fault = fault;
            this.left = times;
        }

        synchronized boolean take(RegistryRequest request) {
            if (left == 0 || !method.equals(request.method()) || !path.matcher(request.path()).find()) {
                return false;
            }
            left--;
            return true;
        }
    }

    private RegistryServer(ServerSocket listener, boolean tls, RegistryContent content) {
        this.listener = listener;
        this.tls = tls;
        this.content = content;
    }

    /** On a free port of loopback, without TLS. */
    public static RegistryServer start() {
        return start(null, new RegistryContent());
    }

    /** @param context with the server's certificate; {@code null} for none */
    public static RegistryServer start(SSLContext context) {
        return start(context, new RegistryContent());
    }

    /** @param content which may be another one's, too */
    public static RegistryServer start(SSLContext context, RegistryContent content) {
        try {
            ServerSocket listener = context == null ? new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"))
                    : context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
            RegistryServer server = new RegistryServer(listener, context != null, content);
            server.thread(server::accept, "test-registry");
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@code 127.0.0.1:port}. */
    public String host() {
        return "127.0.0.1:" + listener.getLocalPort();
    }

    /** {@code http://127.0.0.1:port}. */
    public String url() {
        return (tls ? "https://" : "http://") + host();
    }

    public RegistryContent content() {
        return content;
    }

    /** Who may do what from now on. */
    public void allow(RegistryAccess who) {
        access = who;
    }

    /**
     * Answers the next requests with a fault.
     *
     * @param path regular expression found in the path
     */
    public void on(String method, String path, int times, Fault fault) {
        rules.add(new Rule(method, Pattern.compile(path), fault, times));
    }

    /** Ends all faults. */
    public void behave() {
        rules.clear();
    }

    /** All that was asked, in order. */
    public List<RegistryRequest> requests() {
        return List.copyOf(requests);
    }

    public List<RegistryRequest> requests(String method, String path) {
        return requests.stream().filter(each -> each.method().equals(method) && Pattern.compile(path).matcher(each.path()).find()).toList();
    }

    public void forget() {
        requests.clear();
    }

    private void thread(Runnable work, String name) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                open.add(socket);
                thread(() -> serve(socket), "test-registry-connection");
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            OutputStream out = socket.getOutputStream();
            for (RegistryRequest request = RegistryRequest.read(in); request != null; request = RegistryRequest.read(in)) {
                if (request.method().isEmpty()) {
                    out.write("HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTPS request to an HTTP server.\n".getBytes(StandardCharsets.US_ASCII));
                    return;
                }
                requests.add(request);
                if (!answer(request, socket, out)) {
                    return;
                }
            }
        } catch (IOException e) {
            // the client went away, which tests do on purpose
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(socket);
        }
    }

    private boolean answer(RegistryRequest request, Socket socket, OutputStream out) throws IOException, InterruptedException {
        for (Rule rule : new ArrayList<>(rules)) {
            if (rule.take(request)) {
                return rule.fault.answer(request, content, new Fault.Wire(socket, out));
            }
        }
        RegistryAnswer answer = access.answer(request, url());
        return (answer == null ? content.answer(request) : answer).write(request, out);
    }

    /** Ends all connections at once, as a crash does; new ones are taken. */
    public void cut() {
        for (Socket socket : open) {
            try {
                socket.setSoLinger(true, 0);
                socket.close();
            } catch (SocketException e) {
                // it was closed in between
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        cut();
    }
}
