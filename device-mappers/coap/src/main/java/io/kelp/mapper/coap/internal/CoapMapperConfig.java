package io.kelp.mapper.coap.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Settings of the CoAP mapper. */
@ObjectClassDefinition(name = "Kelp CoAP mapper", description = "Devices that speak CoAP, also over DTLS")
public @interface CoapMapperConfig {

    @AttributeDefinition(name = "Key folder", description = "Folder of the files with keys and certificates that devices name; "
            + "empty for the folder coap-keys beside the gateway's settings")
    String keyFolder() default "";

    @AttributeDefinition(name = "Deadline of a request (ms)", min = "100", max = "30000",
            description = "When a request that has not been answered, also after repetitions, has failed, if the device does not say otherwise")
    int timeoutMillis() default 10_000;

    @AttributeDefinition(name = "First repetition (ms)", min = "100", max = "10000",
            description = "ACK_TIMEOUT of RFC 7252: after one to one and a half times this a request is repeated, then after twice as long each time")
    int ackTimeoutMillis() default 2_000;

    @AttributeDefinition(name = "Most repetitions", min = "1", max = "10", description = "MAX_RETRANSMIT of RFC 7252")
    int mostRepetitions() default 4;

    @AttributeDefinition(name = "Largest body (KiB)", min = "1", max = "1024",
            description = "Largest value that is put together of blocks, in either direction")
    int largestBodyKibibytes() default 64;

    @AttributeDefinition(name = "Block size (bytes)", min = "16", max = "1024",
            description = "In how large blocks larger values are asked for and sent: 16, 32, 64, 128, 256, 512 or 1024")
    int blockSize() default 512;

    @AttributeDefinition(name = "Most peers", min = "10", max = "10000", description = "Addresses that are remembered at a time")
    int mostPeers() default 1_000;

    @AttributeDefinition(name = "Most certificates", min = "1", max = "64",
            description = "Different sets of certificates, or of keys for one address, in use at a time; each has a socket and two to four threads")
    int mostCredentials() default 8;
}
