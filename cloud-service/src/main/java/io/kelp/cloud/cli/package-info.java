/** The commands of {@code kelp-cloud}, and the service that {@code run} puts together. */
package io.kelp.cloud.cli;
