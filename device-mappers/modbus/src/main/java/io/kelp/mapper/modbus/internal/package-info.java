/** Modbus TCP, RTU and RTU over TCP devices. */
package io.kelp.mapper.modbus.internal;
