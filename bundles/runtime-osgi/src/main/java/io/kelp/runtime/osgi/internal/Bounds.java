package io.kelp.runtime.osgi.internal;

import io.kelp.runtime.osgi.internal.output.LogSettings;
import io.kelp.runtime.osgi.internal.process.ContainmentSettings;
import io.kelp.runtime.osgi.internal.usage.WatchSettings;

/** What containers may do, as configured. */
final class Bounds {

    private static final long BURST_SECONDS = 16;

    private Bounds() {}

    static ContainmentSettings of(OsgiRuntimeConfig config) {
        long perSecond = (long) config.logKibibytesPerSecond() << 10;
        WatchSettings plain = WatchSettings.DEFAULT;
        return new ContainmentSettings(
                new LogSettings((long) config.logMebibytes() << 20, config.logFiles(), perSecond, perSecond * BURST_SECONDS),
                new WatchSettings(config.sampleSeconds(), config.threads(), config.heapPercent(), plain.lagMillis(), plain.stubbornSeconds()));
    }
}
