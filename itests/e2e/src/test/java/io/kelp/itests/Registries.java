package io.kelp.itests;

import io.kelp.testkit.GatewayProcess;

/** What gateways are told of registries. */
final class Registries {

    private Registries() {}

    /** Before the start: this registry may be used without TLS. */
    static void allowPlainHttp(GatewayProcess gateway, String registry) {
        gateway.configure("io.kelp.runtime.osgi", "{\"plainHttpRegistries\": [\"" + registry + "\"]}");
    }
}
