package io.kelp.cloud.cli;

import io.kelp.cloud.workload.Workloads;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What {@code kelp-cloud run} was told.
 *
 * @param data folder with PEM files that come before the stored key material; may be {@code null}
 * @param bind address that hub and join port listen on
 * @param advertise names and addresses that gateways dial, at least one
 * @param legacyEdges whether edges up to 1.15 are accepted
 * @param certificateLife of the certificates of gateways
 * @param workloads about pods on gateways
 */
record CloudOptions(Path data, String bind, List<String> advertise, int hubPort, int joinPort, int webPort,
        boolean legacyEdges, Duration certificateLife, Workloads.Settings workloads) {}
