package io.kelp.edged.internal;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/** The settings of {@link NodeConfig}, checked. */
record NodeSettings(Map<String, String> labels, boolean taint, Duration lease, Duration look, Duration report,
        Duration answer, int maxPods, String kubeletVersion) {

    private static final String KEY = "([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?";
    private static final String VALUE = "([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?";

    static NodeSettings of(NodeConfig config) {
        Map<String, String> labels = new TreeMap<>();
        for (String label : config.labels()) {
            int equals = label.indexOf('=');
            if (equals < 0 || !label.substring(0, equals).matches(KEY) || !label.substring(equals + 1).matches(VALUE)) {
                throw new IllegalArgumentException("io.kelp.edged: labels: \"" + label
                        + "\" is no Kubernetes label; write it as key=value with letters, digits, hyphens, dots and underscores");
            }
            labels.put(label.substring(0, equals), label.substring(equals + 1));
        }
        return new NodeSettings(labels, config.taint(), Duration.ofSeconds(config.leaseSeconds()),
                Duration.ofSeconds(config.statusSeconds()), Duration.ofSeconds(config.reportSeconds()),
                Duration.ofSeconds(config.answerSeconds()), config.maxPods(), config.kubeletVersion());
    }
}
