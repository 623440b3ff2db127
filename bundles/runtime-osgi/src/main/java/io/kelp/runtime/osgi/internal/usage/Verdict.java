package io.kelp.runtime.osgi.internal.usage;

import io.kelp.edged.WorkloadContainer.Exit;

/** A container is to be ended for what it does to the others. @param exit how its end is to be reported */
public record Verdict(Subject container, Exit exit) {}
