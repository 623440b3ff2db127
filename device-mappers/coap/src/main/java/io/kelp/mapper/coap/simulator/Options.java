package io.kelp.mapper.coap.simulator;

import java.nio.file.Path;
import java.util.HexFormat;

/**
 * What the simulator shall do.
 *
 * @param host local address
 * @param port of plain CoAP; 0 for any that is free
 * @param devices so many, each at a port of its own, one behind the other
 * @param securePort of DTLS; 0 for any that is free
 * @param identity of a shared key; {@code null} for none
 * @param key the shared key
 * @param certificate PEM file; {@code null} for none
 * @param privateKey PEM file
 * @param ca PEM file; {@code null} to take any client
 * @param faults faults from the start
 */
record Options(String host, int port, int devices, int securePort, String identity, byte[] key,
        Path certificate, Path privateKey, Path ca, String faults) {

    static final String HELP = """
            A CoAP device without hardware.

              java -jar mapper-coap-0.1.0.jar [OPTION VALUE]...

              --host ADDRESS         local address; 127.0.0.1 if missing, so that nobody else reaches it
              --port PORT            port of plain CoAP; 5683 if missing
              --devices COUNT        so many devices, each at a port of its own, one behind the other
              --dtls-port PORT       port of DTLS; 5684 if missing; there is DTLS only with one of the next two
              --psk IDENTITY:KEY     shared key, as text or as hex:0123...
              --certificate FILE     certificate of the device (PEM), with
              --private-key FILE     its key and
              --ca FILE              the authority of its clients; without it, any client may come
              --fault WORDS          as written to /fault, see below
              --help                 this

            Resources: /sensors/temperature (text, observable), /sensors/humidity (JSON), /sensors/pack (SenML in JSON or CBOR,
            observable), /setpoint (text, writable, observable), /valve (CBOR, writable), /log (text of 10 kB in blocks, writable),
            /reset (POST: uptime begins anew), /uptime (text), /.well-known/core.

            /fault takes a text by PUT: "delay 500" answers everything after 500 ms, "drop 30" ignores 30 % of all requests,
            "code 5.03" answers with that code, "deaf" lets nobody observe, "none" ends all that.
            """;

    /** @throws IllegalArgumentException with a sentence for whoever typed it */
    static Options parse(String... words) {
        String host = "127.0.0.1";
        int port = 5683;
        int devices = 1;
        int securePort = 5684;
        String psk = null;
        Path certificate = null;
        Path privateKey = null;
        Path ca = null;
        String faults = "none";
        for (int i = 0; i < words.length; i += 2) {
            if (i + 1 == words.length) {
                throw new IllegalArgumentException("option " + words[i] + " without value; --help tells more");
            }
            String value = words[i + 1];
            switch (words[i]) {
                case "--host" -> host = value;
                case "--port" -> port = number(words[i], value, 0, 65535);
                case "--devices" -> devices = number(words[i], value, 1, 1000);
                case "--dtls-port" -> securePort = number(words[i], value, 0, 65535);
                case "--psk" -> psk = value;
                case "--certificate" -> certificate = Path.of(value);
                case "--private-key" -> privateKey = Path.of(value);
                case "--ca" -> ca = Path.of(value);
                case "--fault" -> faults = value;
                default -> throw new IllegalArgumentException("unknown option " + words[i] + "; --help tells which there are");
            }
        }
        if (psk != null && psk.indexOf(':') < 1) {
            throw new IllegalArgumentException("--psk wants IDENTITY:KEY");
        }
        if ((certificate == null) != (privateKey == null)) {
            throw new IllegalArgumentException("--certificate and --private-key belong together");
        }
        return new Options(host, port, devices, securePort, psk == null ? null : psk.substring(0, psk.indexOf(':')),
                psk == null ? null : key(psk.substring(psk.indexOf(':') + 1)), certificate, privateKey, ca, faults);
    }

    boolean secure() {
        return identity != null || certificate != null;
    }

    private static byte[] key(String text) {
        return text.startsWith("hex:") ? HexFormat.of().parseHex(text.substring(4)) : text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    }

    private static int number(String option, String text, int least, int most) {
        try {
            int number = Integer.parseInt(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // falls through to the one message for everything that is not allowed
        }
        throw new IllegalArgumentException("option " + option + ": " + text + " is not a whole number from " + least + " to " + most);
    }
}
