package io.kelp.runtime.osgi.internal.usage;

/**
 * What is measured when, and what is too much.
 *
 * @param sampleSeconds between two measurements of a container that behaves
 * @param maxThreads of one container; one with more is ended
 * @param heapPercent of the old generation, in use after a collection, above which the container that allocates most is ended
 * @param lagMillis by which the gateway's own timers must be late for a container without limit to be slowed down
 * @param stubbornSeconds that a container may stay above its processor limit although it is slowed down
 */
public record WatchSettings(int sampleSeconds, int maxThreads, int heapPercent, int lagMillis, int stubbornSeconds) {

    public static final WatchSettings DEFAULT = new WatchSettings(10, 200, 90, 1_000, 60);

    public WatchSettings {
        if (sampleSeconds < 1 || maxThreads < 1 || heapPercent < 50 || heapPercent > 99 || lagMillis < 1 || stubbornSeconds < 1) {
            throw new IllegalArgumentException("a setting of the watch is out of bounds");
        }
    }
}
