package io.kelp.launcher.internal;

/**
 * Maven coordinates {@code group:artifact:version}, as OSGi Features write a bundle's id
 * (OSGi Feature Service 1.0, section 159.2.1). Types and classifiers are not used here.
 */
record ArtifactId(String group, String artifact, String version) {

    static ArtifactId parse(String text) {
        String[] parts = text.split(":", -1);
        if (parts.length != 3) {
            throw new IllegalArgumentException("\"" + text + "\" is not of the form group:artifact:version");
        }
        for (String part : parts) {
            if (!part.matches("[A-Za-z0-9_][A-Za-z0-9_.+-]*")) {
                throw new IllegalArgumentException("\"" + text + "\" is not of the form group:artifact:version");
            }
        }
        return new ArtifactId(parts[0], parts[1], parts[2]);
    }

    /** Name of the jar in {@code bundles/}. */
    String fileName() {
        return artifact + "-" + version + ".jar";
    }

    @Override
    public String toString() {
        return group + ":" + artifact + ":" + version;
    }
}
