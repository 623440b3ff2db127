package io.kelp.oci.internal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Where content comes from: a registry or an archive. What it gives has the digest asked for. */
public interface BlobSource {

    /** Something small, into memory. */
    byte[] small(Descriptor blob, int limit) throws IOException, InterruptedException;

    /**
     * A blob into a file; what the file has already need not be got again.
     *
     * @param progress told now and then how many bytes are there
     */
    void download(Descriptor blob, Path file, Consumer<Long> progress) throws IOException, InterruptedException;
}
