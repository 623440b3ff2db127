package io.kelp.cloud.web;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * What a new gateway needs to know.
 *
 * @param hosts what gateways dial, the first one first
 * @param hubPort asked for when the port is open
 * @param joinPort asked for when the port is open
 * @param token the current join token; fails when there is none
 */
public record JoinInfo(List<String> hosts, Supplier<Integer> hubPort, Supplier<Integer> joinPort, Supplier<CompletableFuture<String>> token) {

    private static final int DEFAULT_HUB_PORT = 10000;
    private static final int DEFAULT_JOIN_PORT = 10002;

    /** Everything but the token. */
    JsonObject json() {
        JsonArray list = new JsonArray();
        hosts.forEach(list::add);
        JsonObject json = new JsonObject();
        json.add("hosts", list);
        json.addProperty("hubPort", hubPort.get());
        json.addProperty("joinPort", joinPort.get());
        json.addProperty("defaultHubPort", DEFAULT_HUB_PORT);
        json.addProperty("defaultJoinPort", DEFAULT_JOIN_PORT);
        return json;
    }
}
