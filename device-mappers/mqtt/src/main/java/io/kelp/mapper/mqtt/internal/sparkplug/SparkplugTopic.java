package io.kelp.mapper.mqtt.internal.sparkplug;

import java.util.Optional;

/**
 * {@code spBv1.0/group/type/node} or {@code spBv1.0/group/type/node/device} (Sparkplug 3.0, section 4).
 *
 * @param device empty for the node itself
 */
record SparkplugTopic(String group, Type type, String node, String device) {

    static final String NAMESPACE = "spBv1.0";

    enum Type {
        NBIRTH, NDEATH, NDATA, NCMD, DBIRTH, DDEATH, DDATA, DCMD;

        boolean ofDevice() {
            return ordinal() >= DBIRTH.ordinal();
        }
    }

    static Optional<SparkplugTopic> parse(String topic) {
        String[] levels = topic.split("/", -1);
        if (levels.length < 4 || levels.length > 5 || !levels[0].equals(NAMESPACE)) {
            return Optional.empty();
        }
        for (Type type : Type.values()) {
            if (type.name().equals(levels[2]) && type.ofDevice() == (levels.length == 5)) {
                return Optional.of(new SparkplugTopic(levels[1], type, levels[3], type.ofDevice() ? levels[4] : ""));
            }
        }
        return Optional.empty();
    }

    /** Everything that a node says, and what is said to it. */
    static String all(String group, String node) {
        return NAMESPACE + "/" + group + "/+/" + node + "/#";
    }

    @Override
    public String toString() {
        return NAMESPACE + "/" + group + "/" + type + "/" + node + (device.isEmpty() ? "" : "/" + device);
    }
}
