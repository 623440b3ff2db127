package io.kelp.testkit;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** A headless Chromium with one tab, driven through the DevTools protocol. For one thread. */
public final class Browser implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Process process;
    private final WebSocket socket;
    private final AtomicInteger number = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonObject>> answers = new ConcurrentHashMap<>();
    private final List<String> complaints = new CopyOnWriteArrayList<>();

    /** @param work folder for its profile and its log */
    public Browser(Path work) {
        Path profile = work.resolve("profile");
        try {
            Files.createDirectories(profile);
            Files.deleteIfExists(profile.resolve("DevToolsActivePort"));
            process = new ProcessBuilder("chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                    "--hide-scrollbars", "--remote-debugging-port=0", "--user-data-dir=" + profile.toAbsolutePath(), "about:blank")
                    .redirectErrorStream(true).redirectOutput(work.resolve("chromium.log").toFile()).start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Path port = profile.resolve("DevToolsActivePort");
        Await.until("chromium listens", Duration.ofSeconds(60), () -> {
            if (!process.isAlive()) {
                throw new AssertionError("chromium ended:\n" + Files.readString(work.resolve("chromium.log")));
            }
            return Files.exists(port) && Files.readString(port).contains("\n");
        });
        try {
            socket = connect(Files.readString(port).lines().findFirst().orElseThrow());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        for (String domain : new String[] {"Page", "Runtime", "Log"}) {
            call(domain + ".enable", new JsonObject());
        }
    }

    private WebSocket connect(String port) throws IOException {
        HttpClient http = HttpClient.newHttpClient();
        try {
            String tabs = http.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/json")).timeout(PATIENCE).build(),
                    HttpResponse.BodyHandlers.ofString()).body();
            for (JsonElement tab : JsonParser.parseString(tabs).getAsJsonArray()) {
                if (tab.getAsJsonObject().get("type").getAsString().equals("page")) {
                    return http.newWebSocketBuilder().buildAsync(
                            URI.create(tab.getAsJsonObject().get("webSocketDebuggerUrl").getAsString()), new Listener()).get(20, TimeUnit.SECONDS);
                }
            }
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("no connection to chromium", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        throw new IOException("chromium has no tab");
    }

    /** Opens an address and waits until it is loaded. */
    public void open(String url) {
        call("Page.navigate", object("url", url));
        waitFor("document.readyState === 'complete' && location.href === " + quoted(url));
    }

    /** What an expression (a promise is awaited) is worth; JSON values only. */
    public JsonElement evaluate(String expression) {
        JsonObject parameters = object("expression", expression);
        parameters.addProperty("returnByValue", true);
        parameters.addProperty("awaitPromise", true);
        parameters.addProperty("userGesture", true);
        JsonObject answer = call("Runtime.evaluate", parameters);
        if (answer.has("exceptionDetails")) {
            throw new AssertionError(expression + ": " + answer.get("exceptionDetails"));
        }
        return answer.getAsJsonObject("result").get("value");
    }

    /** The text of the first element that a selector finds, empty when it finds none. */
    public String text(String selector) {
        return evaluate("document.querySelector(" + quoted(selector) + ")?.innerText ?? ''").getAsString();
    }

    /** Waits until an expression is true. */
    public void waitFor(String expression) {
        waitFor(expression, PATIENCE);
    }

    public void waitFor(String expression, Duration patience) {
        Await.until(expression, patience, () -> evaluate("!!(" + expression + ")").getAsBoolean());
    }

    /** Clicks into the middle of an element, as a mouse does. */
    public void click(String selector) {
        JsonArray at = evaluate("(() => {const e = document.querySelector(" + quoted(selector)
                + "); e.scrollIntoView({block: 'center'}); const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]})()").getAsJsonArray();
        for (String type : new String[] {"mousePressed", "mouseReleased"}) {
            JsonObject parameters = object("type", type);
            parameters.add("x", at.get(0));
            parameters.add("y", at.get(1));
            parameters.addProperty("button", "left");
            parameters.addProperty("clickCount", 1);
            call("Input.dispatchMouseEvent", parameters);
        }
    }

    /** Types into what has the focus. */
    public void type(String text) {
        call("Input.insertText", object("text", text));
    }

    /** Presses and releases a key, for example {@code key("Tab", 9, "")} or {@code key("Enter", 13, "\r")}. */
    public void key(String name, int code, String text) {
        for (String type : new String[] {"keyDown", "keyUp"}) {
            JsonObject parameters = object("type", type);
            parameters.addProperty("key", name);
            parameters.addProperty("code", name.equals(" ") ? "Space" : name);
            parameters.addProperty("windowsVirtualKeyCode", code);
            if (!text.isEmpty() && type.equals("keyDown")) {
                parameters.addProperty("text", text);
            }
            call("Input.dispatchKeyEvent", parameters);
        }
    }

    /** Size in CSS pixels and colour scheme of what follows. */
    public void screen(int width, int height, double scale, boolean dark) {
        JsonObject metrics = new JsonObject();
        metrics.addProperty("width", width);
        metrics.addProperty("height", height);
        metrics.addProperty("deviceScaleFactor", scale);
        metrics.addProperty("mobile", width < 600);
        call("Emulation.setDeviceMetricsOverride", metrics);
        JsonObject feature = object("name", "prefers-color-scheme");
        feature.addProperty("value", dark ? "dark" : "light");
        JsonArray features = new JsonArray();
        features.add(feature);
        JsonObject media = new JsonObject();
        media.add("features", features);
        call("Emulation.setEmulatedMedia", media);
    }

    /** Writes what is on the screen as PNG. */
    public void screenshot(Path file) {
        byte[] png = Base64.getDecoder().decode(call("Page.captureScreenshot", object("format", "png")).get("data").getAsString());
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.write(file, png);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Exceptions and errors of scripts and of the content policy so far; failed requests are not among them. */
    public List<String> complaints() {
        return List.copyOf(complaints);
    }

    private JsonObject call(String method, JsonObject parameters) {
        int id = number.incrementAndGet();
        JsonObject request = object("method", method);
        request.addProperty("id", id);
        request.add("params", parameters);
        CompletableFuture<JsonObject> answer = new CompletableFuture<>();
        answers.put(id, answer);
        socket.sendText(request.toString(), true).join();
        try {
            JsonObject got = answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            if (got.has("error")) {
                throw new AssertionError(method + ": " + got.get("error"));
            }
            return got.getAsJsonObject("result");
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError("chromium does not answer " + method, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        } finally {
            answers.remove(id);
        }
    }

    private static JsonObject object(String name, String value) {
        JsonObject object = new JsonObject();
        object.addProperty(name, value);
        return object;
    }

    private static String quoted(String text) {
        return new JsonPrimitive(text).toString();
    }

    @Override
    public void close() {
        socket.abort();
        List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        all.forEach(ProcessHandle::destroyForcibly);
    }

    private final class Listener implements WebSocket.Listener {

        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
            text.append(part);
            if (last) {
                JsonObject message = JsonParser.parseString(text.toString()).getAsJsonObject();
                text.setLength(0);
                take(message);
            }
            from.request(1);
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable problem) {
            answers.values().forEach(answer -> answer.completeExceptionally(problem));
        }

        private void take(JsonObject message) {
            if (message.has("id")) {
                CompletableFuture<JsonObject> answer = answers.get(message.get("id").getAsInt());
                if (answer != null) {
                    answer.complete(message);
                }
                return;
            }
            String method = message.get("method").getAsString();
            if (method.equals("Runtime.exceptionThrown")) {
                complaints.add(message.get("params").toString());
            } else if (method.equals("Log.entryAdded")) {
                JsonObject entry = message.getAsJsonObject("params").getAsJsonObject("entry");
                if (entry.get("level").getAsString().equals("error") && !entry.get("source").getAsString().equals("network")) {
                    complaints.add(entry.toString());
                }
            }
        }
    }
}
