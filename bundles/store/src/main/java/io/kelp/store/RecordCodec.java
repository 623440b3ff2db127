package io.kelp.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Turns the records of one collection into bytes and back.
 *
 * <p>Called by several threads. Reading must accept what earlier versions of the bundle wrote.
 */
@ConsumerType
public interface RecordCodec<T> {

    byte[] write(T record);

    /** @throws IOException when the bytes are no record; the store then sets the record aside and goes on */
    T read(byte[] bytes) throws IOException;

    /** Plain text as UTF-8. */
    static RecordCodec<String> text() {
        return new RecordCodec<>() {
            @Override
            public byte[] write(String record) {
                return record.getBytes(StandardCharsets.UTF_8);
            }

            @Override
            public String read(byte[] bytes) {
                return new String(bytes, StandardCharsets.UTF_8);
            }
        };
    }
}
