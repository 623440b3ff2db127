package io.kelp.cloud.kube;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;

/** Cuts a stream of bytes into lines. Not safe for use by several threads. */
final class LineSplitter {

    /** An object in etcd has at most 1.5 MiB by default; its JSON is somewhat longer. */
    static final int MAX_LINE = 16 << 20;

    private final ByteArrayOutputStream rest = new ByteArrayOutputStream(512);

    /** @throws IOException when a line is longer than {@value #MAX_LINE} bytes */
    void accept(List<ByteBuffer> buffers, Consumer<byte[]> lines) throws IOException {
        for (ByteBuffer buffer : buffers) {
            accept(buffer, lines);
        }
    }

    private void accept(ByteBuffer buffer, Consumer<byte[]> lines) throws IOException {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        int start = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                rest.write(bytes, start, i - start);
                start = i + 1;
                if (rest.size() > 0) {
                    lines.accept(rest.toByteArray());
                }
                rest.reset();
            }
        }
        rest.write(bytes, start, bytes.length - start);
        if (rest.size() > MAX_LINE) {
            throw new IOException("A watch event is longer than " + MAX_LINE + " bytes.");
        }
    }
}
