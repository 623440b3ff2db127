/** A CoAP device without hardware: {@code java -jar mapper-coap-0.1.0.jar --help}. */
package io.kelp.mapper.coap.simulator;
