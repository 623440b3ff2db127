package io.kelp.runtime.osgi.internal.output;

/**
 * Bounds of a container's log.
 *
 * @param fileBytes size at which the file is set aside
 * @param files kept, the current one included, at least 1
 * @param bytesPerSecond that may be written for long; what is more is dropped and counted
 * @param burstBytes that may be written at once after a quiet time
 */
public record LogSettings(long fileBytes, int files, long bytesPerSecond, long burstBytes) {

    /** Three files of 1 MiB, 32 KiB a second: at worst 2.8 GB a day for flash that bears some TB. */
    public static final LogSettings DEFAULT = new LogSettings(1 << 20, 3, 32 << 10, 512 << 10);

    public LogSettings {
        if (fileBytes < 4096 || files < 1 || bytesPerSecond < 1 || burstBytes < 1) {
            throw new IllegalArgumentException("a log needs files of 4096 bytes or more, 1 file or more, and a rate above 0");
        }
    }
}
