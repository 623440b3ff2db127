/** The device side, to try the mapper without hardware: {@code java -jar mapper-modbus-*.jar}. */
package io.kelp.mapper.modbus.simulator;
