package io.kelp.runtime.osgi.internal.usage;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/**
 * How many of the process's file descriptors, which files and sockets share, are in use, and some in reserve: even
 * loading a class takes one, so that nothing could be done against whoever holds them all. Not safe for use by several threads.
 */
public final class FileTable implements AutoCloseable {

    private static final int ALL = 100;
    private static final int RESERVE = 16;

    private final UnixOperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(UnixOperatingSystemMXBean.class); // null where there are none
    private final List<FileInputStream> reserve = new ArrayList<>();

    /** Whether one container has as many as it may: half of all, and the process is short of them. */
    public boolean isTooMuch(int ofOne) {
        return system != null && ofOne >= system.getMaxFileDescriptorCount() / 2 && percent() >= ALL / 2;
    }

    /** In percent of what the process may have; 0 when that is not known. */
    int percent() {
        if (system == null || system.getMaxFileDescriptorCount() <= 0) {
            return 0;
        }
        try {
            return (int) (system.getOpenFileDescriptorCount() * ALL / system.getMaxFileDescriptorCount());
        } catch (InternalError e) {
            return ALL; // counting takes one, too
        }
    }

    /** While there are enough. */
    void hold() {
        try {
            while (system != null && reserve.size() < RESERVE) {
                reserve.add(new FileInputStream("/dev/null"));
            }
        } catch (IOException e) {
            close(); // then there are not enough, after all
        }
    }

    /** Lets the reserve go. */
    @Override
    public void close() {
        try {
            for (FileInputStream one : reserve) {
                one.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("closing /dev/null", e);
        }
        reserve.clear();
    }
}
