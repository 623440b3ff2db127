package io.kelp.edged.internal.pod;

import com.google.gson.JsonObject;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** What a container does, as {@code state} and {@code lastState} of a container status say it. */
sealed interface ContainerState {

    /** {@code ContainerState} of the Kubernetes API. */
    JsonObject json();

    /** @param message may be empty */
    record Waiting(String reason, String message) implements ContainerState {
        @Override
        public JsonObject json() {
            JsonObject waiting = new JsonObject();
            waiting.addProperty("reason", reason);
            if (!message.isEmpty()) {
                waiting.addProperty("message", message);
            }
            return member("waiting", waiting);
        }
    }

    record Running(Instant startedAt) implements ContainerState {
        @Override
        public JsonObject json() {
            JsonObject running = new JsonObject();
            running.addProperty("startedAt", text(startedAt));
            return member("running", running);
        }
    }

    /**
     * @param startedAt {@code null} if it never ran
     * @param finishedAt {@code null} if unknown
     * @param containerId empty if there never was one
     */
    record Terminated(int exitCode, String reason, String message, Instant startedAt, Instant finishedAt, String containerId)
            implements ContainerState {
        @Override
        public JsonObject json() {
            JsonObject terminated = new JsonObject();
            terminated.addProperty("exitCode", exitCode);
            if (!reason.isEmpty()) {
                terminated.addProperty("reason", reason);
            }
            if (!message.isEmpty()) {
                terminated.addProperty("message", message);
            }
            if (startedAt != null) {
                terminated.addProperty("startedAt", text(startedAt));
            } else {
                terminated.add("startedAt", com.google.gson.JsonNull.INSTANCE);
            }
            if (finishedAt != null) {
                terminated.addProperty("finishedAt", text(finishedAt));
            } else {
                terminated.add("finishedAt", com.google.gson.JsonNull.INSTANCE);
            }
            if (!containerId.isEmpty()) {
                terminated.addProperty("containerID", containerId);
            }
            return member("terminated", terminated);
        }

        boolean succeeded() {
            return exitCode == 0;
        }
    }

    private static JsonObject member(String name, JsonObject value) {
        JsonObject state = new JsonObject();
        state.add(name, value);
        return state;
    }

    /** Kubernetes' time format: whole seconds. */
    static String text(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /**
     * The terminated state in a {@code ContainerState} of the API or of a record.
     *
     * @return {@code null} when it has none
     */
    static Terminated terminatedOf(JsonObject state) {
        if (!(state.get("terminated") instanceof JsonObject t)) {
            return null;
        }
        String said = Pod.text(t, "exitCode");
        int code = said.matches("-?[0-9]{1,9}") ? Integer.parseInt(said) : 0;
        return new Terminated(code, Pod.text(t, "reason"), Pod.text(t, "message"), time(Pod.text(t, "startedAt")),
                time(Pod.text(t, "finishedAt")), Pod.text(t, "containerID"));
    }

    /** @return {@code null} for a text that is no time */
    static Instant time(String text) {
        if (text.isEmpty()) {
            return null;
        }
        try {
            return Instant.parse(text);
        } catch (java.time.format.DateTimeParseException e) {
            return null; // said by a foreign API server: as good as not said
        }
    }
}
