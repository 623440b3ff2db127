package io.kelp.history.internal;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import io.kelp.devicetwin.DeviceTwins.DeviceId;
import io.kelp.edgehub.CloudLink;
import io.kelp.history.DeviceHistory;
import io.kelp.message.Message;
import io.kelp.store.StoreException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiPredicate;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The cloud's questions about history: {@code kelp}/{@code device}/{@code history} on
 * {@code NAMESPACE/device/NAME} with {@code {"id","property","from","to","most"}}, answered with the
 * operation {@code points}. Answered one after the other on the thread of history, never on the link's.
 */
final class CloudQuestions {

    private static final Pattern RESOURCE = Pattern.compile("([^/]{1,253})/device/([^/]{1,253})");
    private static final int MOST_WAITING = 16;
    private static final int MOST_POINTS = 2000;
    private static final int MOST_ID = 256;
    private static final int MOST_PROPERTY = 1024;

    private final DeviceHistory history;
    private final BiPredicate<DeviceId, String> knows;
    private final Executor thread;
    private final Supplier<CloudLink> link;
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicLong answered = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();

    /** @param knows whether anything was ever reported for a property */
    CloudQuestions(DeviceHistory history, BiPredicate<DeviceId, String> knows, Executor thread, Supplier<CloudLink> link) {
        this.history = history;
        this.knows = knows;
        this.thread = thread;
        this.link = link;
    }

    static boolean claims(Message message) {
        return message.source().equals("kelp") && message.group().equals("device") && message.operation().equals("history");
    }

    /** Takes a question; what is wrong with it the answer says. */
    CompletionStage<Void> ask(Message message) {
        if (waiting.incrementAndGet() > MOST_WAITING) {
            waiting.decrementAndGet();
            refused.incrementAndGet();
            return CompletableFuture.failedFuture(new IllegalStateException(MOST_WAITING + " questions about history wait; ask again later"));
        }
        thread.execute(() -> {
            try {
                answer(message);
            } finally {
                waiting.decrementAndGet();
            }
        });
        return CompletableFuture.completedFuture(null);
    }

    long answered() {
        return answered.get();
    }

    long refused() {
        return refused.get();
    }

    private void answer(Message message) {
        JsonObject content = answer(history, knows, message.resource(), message.content());
        CloudLink to = link.get();
        if (to != null && to.send(Message.create("kelp", "device", "points", message.resource(), content))) {
            answered.incrementAndGet();
        } else {
            refused.incrementAndGet(); // the cloud asks again when it still wants to know
        }
    }

    static JsonObject answer(DeviceHistory history, BiPredicate<DeviceId, String> knows, String resource, JsonElement question) {
        JsonObject answer = new JsonObject();
        JsonArray points = new JsonArray();
        try {
            Matcher device = RESOURCE.matcher(resource);
            if (!device.matches() || !question.isJsonObject()) {
                throw new JsonParseException("the question is no object about NAMESPACE/device/NAME");
            }
            JsonObject asked = question.getAsJsonObject();
            answer.addProperty("id", text(asked, "id", MOST_ID));
            String property = text(asked, "property", MOST_PROPERTY);
            answer.addProperty("property", property);
            long from = number(asked, "from");
            long to = number(asked, "to");
            int most = (int) Math.max(1, Math.min(MOST_POINTS, asked.has("most") ? number(asked, "most") : MOST_POINTS));
            DeviceId id = new DeviceId(device.group(1), device.group(2));
            List<DeviceHistory.Point> found = history.points(id, property, from, to, most);
            found.forEach(point -> points.add(json(point)));
            if (found.isEmpty() && !knows.test(id, property)) {
                answer.addProperty("message", "Nothing was ever reported for " + property + " of " + id + ".");
            }
        } catch (JsonParseException | StoreException e) {
            answer.addProperty("message", e.getMessage());
        }
        answer.add("points", points);
        answer.addProperty("complete", true);
        return answer;
    }

    private static JsonArray json(DeviceHistory.Point point) {
        JsonArray json = new JsonArray();
        json.add(point.fromMillis());
        json.add(point.count());
        if (point.text() != null) {
            json.add(point.text());
        } else {
            json.add(point.minimum());
            json.add(point.mean());
            json.add(point.maximum());
        }
        return json;
    }

    private static String text(JsonObject asked, String key, int most) {
        JsonElement value = asked.get(key);
        if (value == null || !value.isJsonPrimitive() || value.getAsString().length() > most) {
            throw new JsonParseException("the question has no " + key + " of at most " + most + " characters");
        }
        return value.getAsString();
    }

    private static long number(JsonObject asked, String key) {
        JsonElement value = asked.get(key);
        try {
            if (value != null && value.isJsonPrimitive()) {
                return value.getAsJsonPrimitive().getAsBigDecimal().longValue();
            }
        } catch (NumberFormatException e) {
            throw new JsonParseException(key + " is no number", e);
        }
        throw new JsonParseException("the question has no " + key);
    }
}
