package io.kelp.runtime.osgi.internal.process;

import io.kelp.runtime.osgi.internal.output.LogSettings;
import io.kelp.runtime.osgi.internal.usage.WatchSettings;

/** Bounds of what containers may do. */
public record ContainmentSettings(LogSettings logs, WatchSettings watch) {

    public static final ContainmentSettings DEFAULT = new ContainmentSettings(LogSettings.DEFAULT, WatchSettings.DEFAULT);
}
