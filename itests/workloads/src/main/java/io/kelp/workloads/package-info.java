/** Workloads for tests and benchmarks, and what makes jars and images of them, by other means than those that are tested. */
package io.kelp.workloads;
