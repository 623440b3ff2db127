package io.kelp.oci.internal;

import java.io.IOException;
import java.io.OutputStream;

/** Writes to the disk, and says that it was the disk if that fails. */
final class StorageOutput extends OutputStream {

    private final OutputStream out;

    StorageOutput(OutputStream out) {
        this.out = out;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws StorageException {
        try {
            out.write(bytes, offset, length);
        } catch (IOException e) {
            throw new StorageException(e);
        }
    }

    @Override
    public void close() throws StorageException {
        try {
            out.close();
        } catch (IOException e) {
            throw new StorageException(e);
        }
    }
}
