package io.kelp.testkit;

import java.util.Map;

/** Which Java the processes under test run on: the one that the environment variable KELP_JAVA names, else the default. */
public final class Java {

    private Java() {}

    public static Map<String, String> into(Map<String, String> environment) {
        String java = System.getenv("KELP_JAVA");
        if (java != null && !java.isBlank()) {
            environment.put("JAVA", java);
            environment.put("JAVA_HOME", java.replaceFirst("/bin/java$", ""));
        }
        return environment;
    }
}
