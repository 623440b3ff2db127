/** Devices that live in memory. */
package io.kelp.mapper.simulator.internal;
