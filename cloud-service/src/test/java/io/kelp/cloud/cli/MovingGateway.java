package io.kelp.cloud.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.kelp.cloud.cli.TestCloud.Identity;
import io.kelp.message.Message;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A Kelp gateway in the small, which connects again whenever its link ends: keeps the pods that it is sent, and goes on
 * saying what was not confirmed: the newest status of each pod, and each Event.
 */
final class MovingGateway implements AutoCloseable {

    private final String node;
    private final Identity identity;
    private final X509Certificate ca;
    private final int port;
    private final Map<String, JsonObject> pods = new ConcurrentHashMap<>(); // by uid
    private final Map<String, Integer> wanted = new ConcurrentHashMap<>(); // pod name → status to be told
    private final Map<String, Integer> confirmed = new ConcurrentHashMap<>();
    private final Set<String> events = ConcurrentHashMap.newKeySet(); // not confirmed
    private final Map<String, Runnable> asked = new ConcurrentHashMap<>(); // by message id
    private volatile boolean ended;
    private volatile TestEdge edge;
    private volatile boolean ready;

    MovingGateway(String node, Identity identity, X509Certificate ca, int port) {
        this.node = node;
        this.identity = identity;
        this.ca = ca;
        this.port = port;
        run("read-" + node, this::live);
        run("write-" + node, this::talk);
    }

    String node() {
        return node;
    }

    /** resourceVersion by name of the pods that it has. */
    Map<String, String> store() {
        Map<String, String> versions = new ConcurrentHashMap<>();
        pods.values().forEach(pod -> versions.put(text(pod, "name"), text(pod, "resourceVersion")));
        return versions;
    }

    void say(String pod, int status, String event) {
        wanted.put(pod, status);
        events.add(event);
    }

    boolean isQuiet() {
        return events.isEmpty() && wanted.equals(confirmed);
    }

    private void live() {
        while (!ended) {
            try (Socket socket = TestCloud.tls(ca, identity).getSocketFactory().createSocket("127.0.0.1", port)) {
                List<String[]> headers = new ArrayList<>(TestCloud.stockHeaders(node));
                headers.add(new String[] {"Kelp-Protocol", "1; window=32"});
                TestEdge opened = new TestEdge(socket, port, "/" + TestCloud.PROJECT + "/" + node + "/events", headers);
                if (opened.isOpen()) {
                    edge = opened;
                    read(opened);
                }
            } catch (IOException | GeneralSecurityException | AssertionError e) {
                // the link has ended, or nobody is there: again, after a moment
            }
            ready = false;
            asked.clear();
            pause(100 + ThreadLocalRandom.current().nextInt(200));
        }
    }

    private void read(TestEdge from) throws IOException {
        while (!ended) {
            Message message = from.await(60_000, any -> true);
            if (message.group().equals("kelp")) {
                switch (message.operation()) {
                    case "hello" -> {
                        send(Message.create("kelp", "kelp", "inventory", "kelp", inventory()));
                        ready = true;
                    }
                    case "reconnect" -> {
                        return;
                    }
                    default -> { }
                }
            } else if (message.isAnswer()) {
                Runnable answered = asked.remove(message.parentId());
                if (answered != null && (!message.content().isJsonObject() || message.content().getAsJsonObject().get("Err").isJsonNull())) {
                    answered.run();
                }
            } else if (message.group().equals("resource")) {
                if (message.resource().contains("/pod/")) {
                    JsonObject pod = message.content().getAsJsonObject().getAsJsonObject("metadata");
                    if (message.operation().equals("delete")) {
                        pods.remove(text(pod, "uid"));
                    } else {
                        pods.put(text(pod, "uid"), pod);
                    }
                }
                send(message.acknowledge());
            }
        }
    }

    private void talk() {
        long beat = 0;
        while (!ended) {
            pause(100);
            try {
                if (ready && asked.isEmpty()) {
                    wanted.forEach((pod, status) -> {
                        if (!status.equals(confirmed.get(pod))) {
                            status(pod, status);
                        }
                    });
                    events.forEach(this::event);
                }
                if (ready && System.nanoTime() - beat > 5_000_000_000L) {
                    beat = System.nanoTime();
                    send(Message.create("websocket", "resource", "keepalive", "node", new JsonPrimitive("ping")));
                }
            } catch (IllegalStateException e) {
                ready = false; // the reader notices, too
            }
        }
    }

    private void status(String pod, int status) {
        pods.values().stream().filter(known -> text(known, "name").equals(pod)).findFirst().ifPresentOrElse(known ->
                ask(Message.create("edged", "meta", "patch", "default/podpatch/" + pod, new JsonPrimitive(
                        "{\"metadata\":{\"uid\":\"" + text(known, "uid") + "\"},\"status\":{\"message\":\"" + status + "\"}}")),
                        () -> confirmed.put(pod, status)), () -> wanted.remove(pod));
    }

    private void event(String name) {
        JsonObject about = new JsonObject();
        about.addProperty("kind", "Node");
        about.addProperty("name", node);
        JsonObject metadata = new JsonObject();
        metadata.addProperty("name", name);
        metadata.addProperty("namespace", "default");
        JsonObject event = new JsonObject();
        event.add("metadata", metadata);
        event.add("involvedObject", about);
        event.addProperty("reason", "Test");
        ask(Message.create("edged", "meta", "insert", "default/event/" + name, event), () -> events.remove(name));
    }

    private void ask(Message message, Runnable answered) {
        asked.put(message.id(), answered);
        send(message);
    }

    private JsonObject inventory() {
        JsonArray items = new JsonArray();
        pods.forEach((uid, pod) -> {
            JsonObject item = new JsonObject();
            item.addProperty("apiVersion", "v1");
            item.addProperty("type", "pod");
            item.addProperty("namespace", "default");
            item.addProperty("name", text(pod, "name"));
            item.addProperty("uid", uid);
            item.addProperty("resourceVersion", text(pod, "resourceVersion"));
            items.add(item);
        });
        JsonObject inventory = new JsonObject();
        inventory.add("items", items);
        inventory.addProperty("complete", true);
        return inventory;
    }

    private void send(Message message) {
        TestEdge to = edge;
        synchronized (to) {
            try {
                to.send(message);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static String text(JsonObject object, String name) {
        return object.get(name).getAsString();
    }

    private static void pause(int millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void run(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        ended = true;
        if (edge != null) {
            edge.close();
        }
    }
}
