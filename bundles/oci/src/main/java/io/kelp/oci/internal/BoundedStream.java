package io.kelp.oci.internal;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Ends with an error when more comes than is permitted. */
final class BoundedStream extends FilterInputStream {

    private final long limit;
    private long count;

    BoundedStream(InputStream in, long limit) {
        super(in);
        this.limit = limit;
    }

    long count() {
        return count;
    }

    @Override
    public int read() throws IOException {
        int b = super.read();
        if (b >= 0) {
            add(1);
        }
        return b;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        int n = super.read(buffer, offset, length);
        if (n > 0) {
            add(n);
        }
        return n;
    }

    @Override
    public long skip(long n) throws IOException {
        long skipped = 0;
        byte[] chunk = new byte[(int) Math.min(8192, Math.max(1, n))];
        while (skipped < n) {
            int got = read(chunk, 0, (int) Math.min(chunk.length, n - skipped));
            if (got < 0) {
                break;
            }
            skipped += got;
        }
        return skipped;
    }

    @Override
    public boolean markSupported() {
        return false;
    }

    private void add(int n) throws MalformedImageException {
        count += n;
        if (count > limit) {
            throw new MalformedImageException("a layer takes more than the " + limit + " bytes permitted when it is unpacked");
        }
    }
}
