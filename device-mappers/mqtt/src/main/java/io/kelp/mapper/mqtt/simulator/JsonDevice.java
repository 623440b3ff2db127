package io.kelp.mapper.mqtt.simulator;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * A press that tells its state as JSON on {@code plant/NAME/state}, takes settings on {@code plant/NAME/set}, and says on
 * {@code plant/NAME/status}, by its last will too, whether it is there.
 */
final class JsonDevice implements Simulated {

    private final Options options;
    private final String name;
    private final Press press = new Press();
    private SmallClient client;
    private boolean silent;
    private String nextPayload; // instead of the state, once

    JsonDevice(Options options, String name) {
        this.options = options;
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void connect() throws IOException {
        client = options.connect("press-" + name, new SmallClient.Will("plant/" + name + "/status", "offline".getBytes(StandardCharsets.UTF_8), true),
                (topic, payload) -> {
                    press.set(new String(payload, StandardCharsets.UTF_8));
                    try {
                        tell();
                    } catch (IOException e) {
                        System.err.println("simulator: " + name + ": " + e.getMessage());
                    }
                });
        client.subscribe("plant/" + name + "/set");
        client.publish("plant/" + name + "/status", "online", true);
        tell();
    }

    @Override
    public boolean connected() {
        return client != null && client.isOpen();
    }

    @Override
    public void step() throws IOException {
        press.step();
        tell();
    }

    private synchronized void tell() throws IOException {
        if (nextPayload != null) {
            client.publish("plant/" + name + "/state", nextPayload, false);
            nextPayload = null;
        } else if (!silent) {
            client.publish("plant/" + name + "/state", press.json(), true);
        }
    }

    @Override
    public boolean fault(String fault) throws IOException {
        switch (fault) {
            case "silent" -> silent = true;
            case "speak" -> silent = false;
            case "garbage" -> nextPayload = "{\"oil\":{\"temperature\":";
            case "wrongtype" -> nextPayload = "{\"oil\":{\"temperature\":\"hot\"}}";
            case "nan" -> nextPayload = "{\"oil\":{\"temperature\":\"NaN\"}}";
            case "die" -> client.vanish();
            case "offline" -> client.publish("plant/" + name + "/status", "offline", true);
            case "online" -> client.publish("plant/" + name + "/status", "online", true);
            default -> {
                return false;
            }
        }
        return true;
    }

    @Override
    public void leave() throws IOException {
        client.publish("plant/" + name + "/status", "offline", true);
        client.close();
    }
}
