package io.kelp.cloud.cli;

import picocli.CommandLine;

/** The version of this program, from the manifest of its jar. */
final class Version implements CommandLine.IVersionProvider {

    static String text() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    @Override
    public String[] getVersion() {
        return new String[] {"kelp-cloud " + text()};
    }
}
