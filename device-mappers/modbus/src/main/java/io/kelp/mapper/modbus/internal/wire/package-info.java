/** Modbus on the wire: PDUs, frames, lines. Knows neither devices nor OSGi; the simulator uses it, too. */
package io.kelp.mapper.modbus.internal.wire;
