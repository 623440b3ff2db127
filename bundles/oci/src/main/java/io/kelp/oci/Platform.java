package io.kelp.oci;

import java.util.List;
import java.util.Locale;

/**
 * Platform of an image (OCI image index, {@code platform}).
 *
 * @param os for example {@code linux}
 * @param architecture as Go names it: {@code amd64}, {@code arm64}, {@code arm} …
 * @param variant for example {@code v7}; empty when there is none or it is not known
 */
public record Platform(String os, String architecture, String variant) {

    /** The platform of this Java virtual machine. Whether a 32-bit ARM is a v6 or a v7 cannot be seen from Java; v7 is taken. */
    public static Platform current() {
        return of(System.getProperty("os.name", ""), System.getProperty("os.arch", ""));
    }

    static Platform of(String osName, String osArch) {
        String os = osName.toLowerCase(Locale.ROOT).startsWith("linux") ? "linux" : osName.toLowerCase(Locale.ROOT).replace(" ", "");
        return switch (osArch.toLowerCase(Locale.ROOT)) {
            case "amd64", "x86_64" -> new Platform(os, "amd64", "");
            case "aarch64", "arm64" -> new Platform(os, "arm64", "v8");
            case "arm", "arm32", "armhf" -> new Platform(os, "arm", "v7");
            case "x86", "i386", "i486", "i586", "i686" -> new Platform(os, "386", "");
            case "ppc64le" -> new Platform(os, "ppc64le", "");
            default -> new Platform(os, osArch.toLowerCase(Locale.ROOT), "");
        };
    }

    /** @param text {@code os/architecture[/variant]} @throws IllegalArgumentException when it is something else */
    public static Platform parse(String text) {
        String[] parts = text.split("/", -1);
        if (parts.length < 2 || parts.length > 3 || !text.matches("[a-z0-9_.-]+(/[a-z0-9_.-]+){1,2}")) {
            throw new IllegalArgumentException("\"" + text + "\" is no platform; expected for example linux/arm64 or linux/arm/v7");
        }
        return new Platform(parts[0], parts[1], parts.length == 3 ? parts[2] : "");
    }

    /** How well something made for another platform runs here: 0 not at all, more is better. */
    public int affinity(Platform made) {
        if (!os.equals(made.os) || !architecture.equals(made.architecture)) {
            return 0;
        }
        if (made.variant.equals(variant)) {
            return 100;
        }
        if (made.variant.isEmpty()) {
            return 50;
        }
        // An ARM runs what was made for an older one (containerd's rule); other variants are taken as what they are.
        List<String> arms = List.of("v5", "v6", "v7", "v8");
        if (architecture.equals("arm") && arms.contains(made.variant) && arms.indexOf(made.variant) <= arms.indexOf(variant)) {
            return 60 + arms.indexOf(made.variant);
        }
        return variant.isEmpty() || architecture.equals("arm64") && made.variant.equals("v8") ? 40 : 0;
    }

    @Override
    public String toString() {
        return os + "/" + architecture + (variant.isEmpty() ? "" : "/" + variant);
    }
}
