/** CoAP devices. */
package io.kelp.mapper.coap.internal;
