package io.kelp.oci;

import java.time.Duration;

/**
 * Bounds of a store of images.
 *
 * @param maxBytes for all images and downloads together
 * @param reserveBytes that stay free on the file system
 * @param maxImageBytes of one image, packed as well as unpacked
 * @param minAge an image got more recently is not removed to make room, even when unused: its pod may be about to start
 * @param maxAge an image unused for longer is removed, when the store is at work anyway; zero for never
 * @param parallelPulls images got at a time, 1 to 16
 * @param platform taken from images made for several
 * @param registries how they are reached
 */
public record ImageStoreSettings(long maxBytes, long reserveBytes, long maxImageBytes, Duration minAge, Duration maxAge,
        int parallelPulls, Platform platform, RegistrySettings registries) {

    private static final long MIB = 1 << 20;

    public ImageStoreSettings {
        if (maxBytes < 1 || reserveBytes < 0 || maxImageBytes < 1 || parallelPulls < 1 || parallelPulls > 16) {
            throw new IllegalArgumentException("out of range: " + maxBytes + " bytes, " + reserveBytes + " reserved, " + maxImageBytes
                    + " an image, " + parallelPulls + " pulls");
        }
    }

    /** 256 MiB in all, 32 MiB left free, 128 MiB an image, kept for 2 minutes at least and 30 days at most, 3 at a time, this platform. */
    public static ImageStoreSettings defaults() {
        return new ImageStoreSettings(256 * MIB, 32 * MIB, 128 * MIB, Duration.ofMinutes(2), Duration.ofDays(30), 3, Platform.current(),
                RegistrySettings.defaults());
    }

    public ImageStoreSettings withRegistries(RegistrySettings settings) {
        return new ImageStoreSettings(maxBytes, reserveBytes, maxImageBytes, minAge, maxAge, parallelPulls, platform, settings);
    }

    public ImageStoreSettings withPlatform(Platform other) {
        return new ImageStoreSettings(maxBytes, reserveBytes, maxImageBytes, minAge, maxAge, parallelPulls, other, registries);
    }

    public ImageStoreSettings withBytes(long all, long reserve, long image) {
        return new ImageStoreSettings(all, reserve, image, minAge, maxAge, parallelPulls, platform, registries);
    }

    public ImageStoreSettings withAges(Duration least, Duration most) {
        return new ImageStoreSettings(maxBytes, reserveBytes, maxImageBytes, least, most, parallelPulls, platform, registries);
    }
}
