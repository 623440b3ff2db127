package io.kelp.edgehub.internal.net;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Collects the bytes of a binary message, which stock readers take like a text one. Not safe for use by several threads. */
final class Utf8Collector {

    private ByteArrayOutputStream bytes = new ByteArrayOutputStream(0);

    void add(ByteBuffer part) {
        byte[] copy = new byte[part.remaining()];
        part.get(copy);
        bytes.writeBytes(copy);
    }

    String text() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    void clear() {
        if (bytes.size() > 0) {
            bytes = new ByteArrayOutputStream(0);
        }
    }
}
