package io.kelp.itests;

import io.kelp.testkit.GatewayProcess;

/** What gateways are told of registries. */
final class Registries {

    private Registries() {}

    /** Before the start: these registries may be used without TLS. */
    static void allowPlainHttp(GatewayProcess gateway, String... registries) {
        gateway.configure("io.kelp.runtime.osgi", "{\"plainHttpRegistries\": [\"" + String.join("\", \"", registries) + "\"]}");
    }
}
