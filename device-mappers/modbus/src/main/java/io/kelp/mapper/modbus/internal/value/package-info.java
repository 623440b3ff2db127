/** Values of properties from and to registers. Knows neither lines nor OSGi. */
package io.kelp.mapper.modbus.internal.value;
