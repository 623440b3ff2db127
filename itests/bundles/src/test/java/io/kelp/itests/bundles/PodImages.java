package io.kelp.itests.bundles;

import io.kelp.workloads.SampleImage;
import io.kelp.workloads.SampleJars;
import java.nio.file.Path;

/** Puts images where a gateway looks for them at its start. Works outside of the framework only. */
final class PodImages {

    private PodImages() {}

    /** Two versions of one bundle and another one. */
    static void into(Path home) {
        SampleJars jars = new SampleJars(home.resolve("jars"));
        for (String[] each : new String[][] {{"alder", "1.0.0"}, {"alder", "2.0.0"}, {"birch", "1.0.0"}}) {
            new SampleImage(jars.web(each[0], each[1])).save(home.resolve("images/" + each[0] + each[1] + ".tar"), "example.com/" + each[0] + ":" + each[1]);
        }
        new SampleImage(jars.bad()).save(home.resolve("images/bad.tar"), "example.com/bad:1.0.0");
    }
}
