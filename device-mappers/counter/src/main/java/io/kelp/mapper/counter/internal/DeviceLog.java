package io.kelp.mapper.counter.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a device saw of its mapper, a line each: milliseconds of Unix time, device, what happened. */
interface DeviceLog {

    DeviceLog NONE = line -> {};

    void write(String line);

    /** In a file that begins anew at a mebibyte; the one before it is kept as {@code NAME.1}. */
    final class File implements DeviceLog {

        private static final Logger LOG = LoggerFactory.getLogger(File.class);
        private static final long MOST_BYTES = 1 << 20;

        private final Path path;
        private final String device;
        private final InstantSource clock;
        private boolean failed;

        File(Path path, String device, InstantSource clock) {
            this.path = path;
            this.device = device;
            this.clock = clock;
        }

        @Override
        public void write(String line) {
            try {
                if (Files.exists(path) && Files.size(path) > MOST_BYTES) {
                    Files.move(path, path.resolveSibling(path.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
                }
                Files.writeString(path, clock.millis() + " " + device + " " + line + "\n",
                        StandardOpenOption.CREATE, StandardOpenOption.APPEND);
                failed = false;
            } catch (IOException e) {
                if (!failed) {
                    failed = true;
                    LOG.warn("Device {}: its log {} cannot be written: {}", device, path, e.toString());
                }
            }
        }
    }
}
