package io.kelp.mapper.internal;

/** To whom it is told how a device is doing: its twins, the cloud's Events, its health. */
record Outlets(TwinReporter reporter, DeviceEvents events, HealthBook health) {}
