package io.kelp.workloads.web;

import io.kelp.runtime.osgi.ContainerCommand;
import io.kelp.runtime.osgi.PodContext;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/**
 * A well-behaved workload: one component, one thread, one HTTP endpoint, which shows what the container was given.
 *
 * <p>{@code /} name and version, {@code /property/NAME} of the component, {@code /env/NAME}, {@code /args}, {@code /file/PATH},
 * {@code /ready} and {@code /live} 200 or 503, {@code /set/ready/no} switches them, {@code /say/WORDS} goes to the log, {@code /exit/CODE} ends the container.
 */
@Component(immediate = true, configurationPid = "web", service = ContainerCommand.class)
public final class Web implements ContainerCommand {

    private final BundleContext bundle;
    private final PodContext pod;
    private final Map<String, Object> properties;
    private final ServerSocket socket;
    private final Thread thread;
    private volatile boolean ready = true;
    private volatile boolean live = true;

    @Activate
    public Web(BundleContext bundle, Map<String, Object> properties, @Reference PodContext pod) throws IOException {
        this.bundle = bundle;
        this.pod = pod;
        this.properties = properties;
        socket = new ServerSocket();
        // The way of an ordinary bundle, which knows nothing of pods: the environment is its configuration.
        int port = Integer.parseInt(properties.getOrDefault("PORT", "0").toString());
        socket.bind(new InetSocketAddress(InetAddress.getByName(pod.address()), port));
        thread = new Thread(this::serve, name());
        thread.start();
        System.out.println(name() + " listens on " + pod.address() + " " + socket.getLocalPort());
    }

    /** Takes as long as {@code STOP_MILLIS} says. */
    @Deactivate
    void stop() throws IOException, InterruptedException {
        if (properties.containsKey("STOP_MILLIS")) {
            Thread.sleep(Long.parseLong(properties.get("STOP_MILLIS").toString()));
        }
        socket.close();
        thread.join(2000); // the port is free only when the thread has left accept()
        System.out.println(name() + " stops");
    }

    @Override
    public String name() {
        return Web.class.getPackageName().replaceAll(".*\\.", "");
    }

    /** Command {@code web ready} and the like: its answer is that of the path; 0 when that is 200. */
    @Override
    public int run(List<String> arguments, Appendable out) throws IOException {
        String[] answer = answer("/" + String.join("/", arguments));
        out.append(answer[1]).append('\n');
        return answer[0].startsWith("200") ? 0 : 1;
    }

    private void serve() {
        while (!socket.isClosed()) {
            try (Socket client = socket.accept()) {
                client.setSoTimeout(2000);
                String request = new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII)).readLine();
                String[] answer = answer(request == null ? "" : request.split(" ")[1]);
                byte[] body = answer[1].getBytes(StandardCharsets.UTF_8);
                String head = "HTTP/1.1 " + answer[0] + "\r\nContent-Length: " + body.length + "\r\nConnection: close\r\n\r\n";
                client.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
                client.getOutputStream().write(body);
                client.getOutputStream().flush();
            } catch (IOException e) {
                if (!socket.isClosed()) {
                    System.err.println("a client went away: " + e.getMessage());
                }
            }
        }
    }

    private String[] answer(String path) throws IOException {
        String[] words = path.split("/", 3);
        String rest = words.length > 2 ? words[2] : "";
        return switch (words.length > 1 ? words[1] : "") {
            case "" -> ok(name() + " " + bundle.getBundle().getVersion());
            case "property" -> found(properties.get(rest));
            case "env" -> found(pod.env().get(rest));
            case "args" -> ok(String.join(" ", pod.args()));
            case "file" -> file(pod.path("/" + rest));
            case "ready" -> ready ? ok("ready") : new String[] {"503 Unavailable", "not ready"};
            case "live" -> live ? ok("live") : new String[] {"503 Unavailable", "not live"};
            case "set" -> set(rest);
            case "say" -> say(rest);
            case "exit" -> exit(Integer.parseInt(rest));
            default -> found(null);
        };
    }

    private String[] set(String rest) {
        boolean on = rest.endsWith("/yes");
        if (rest.startsWith("ready/")) {
            ready = on;
        } else {
            live = on;
        }
        return ok(rest);
    }

    private static String[] say(String words) {
        System.out.println(words);
        return ok(words);
    }

    private String[] exit(int code) {
        pod.exit(code);
        return ok("exit " + code);
    }

    private static String[] file(Path file) throws IOException {
        return Files.isRegularFile(file) ? ok(Files.readString(file)) : found(null);
    }

    private static String[] found(Object value) {
        return value == null ? new String[] {"404 Not Found", ""} : ok(value.toString());
    }

    private static String[] ok(String body) {
        return new String[] {"200 OK", body};
    }
}
