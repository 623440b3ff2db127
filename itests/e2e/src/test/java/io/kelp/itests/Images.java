package io.kelp.itests;

import io.kelp.testkit.GatewayProcess;
import io.kelp.workloads.SampleImage;
import io.kelp.workloads.SampleJars;
import java.nio.file.Path;

/** Images that are given to a gateway as files: in its folder {@code images} before the start, or loaded by command. */
final class Images {

    static final SampleJars JARS = new SampleJars(Installation.work().resolve("jars"));

    private Images() {}

    /** The well-behaved workload under a name; the reference says which. */
    static String web(GatewayProcess gateway, String name, String version) {
        return put(gateway, JARS.web(name, version), name, version);
    }

    static String job(GatewayProcess gateway) {
        return put(gateway, JARS.job(), "job", "1.0.0");
    }

    static String bad(GatewayProcess gateway) {
        return put(gateway, JARS.bad(), "bad", "1.0.0");
    }

    static String plain(GatewayProcess gateway) {
        return put(gateway, JARS.plain(), "plain", "1.0.0");
    }

    private static String put(GatewayProcess gateway, Path jar, String name, String version) {
        String reference = "example.com/" + name + ":" + version;
        new SampleImage(jar).save(gateway.home().resolve("images/" + name + "-" + version + ".tar"), reference);
        return reference;
    }
}
