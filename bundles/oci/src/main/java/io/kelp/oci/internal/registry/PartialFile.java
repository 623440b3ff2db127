package io.kelp.oci.internal.registry;

import io.kelp.oci.internal.Descriptor;
import io.kelp.oci.internal.MalformedImageException;
import io.kelp.oci.internal.Sha256;
import io.kelp.oci.internal.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;

/**
 * A blob on its way. What is in the file stays when a download breaks and is continued by the next, in this process
 * or another; it counts for nothing until the digest of the whole is right.
 */
final class PartialFile implements AutoCloseable {

    private final Descriptor blob;
    private final FileChannel channel;
    private MessageDigest digest = Sha256.start();
    private long position;
    private Object writer;

    PartialFile(Descriptor blob, Path file) throws StorageException {
        this.blob = blob;
        try {
            channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            try {
                position = channel.size();
                if (position > blob.size()) {
                    restart();
                } else {
                    Sha256.update(digest, file);
                    channel.position(position);
                }
            } catch (IOException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw new StorageException(e);
        }
    }

    synchronized long position() {
        return position;
    }

    synchronized boolean complete() {
        return position == blob.size();
    }

    /** Whether what is there is what it should be; forgets it when it is not. */
    synchronized boolean verify() throws StorageException {
        boolean right = Sha256.end(digest).equals(blob.digest());
        try {
            if (right) {
                channel.force(true);
            } else {
                restart();
            }
        } catch (IOException e) {
            throw new StorageException(e);
        }
        return right;
    }

    /** Lets an answer write from here on; one before can no more, even if it comes late. */
    synchronized BodySink.Sink writer(boolean fromStart) throws StorageException {
        if (fromStart) {
            try {
                restart();
            } catch (IOException e) {
                throw new StorageException(e);
            }
        }
        Object me = new Object();
        writer = me;
        return piece -> write(me, piece);
    }

    private synchronized void write(Object who, ByteBuffer piece) throws IOException {
        if (who != writer) {
            return;
        }
        if (position + piece.remaining() > blob.size()) {
            throw new MalformedImageException(blob.digest() + " is longer than the " + blob.size() + " bytes its manifest says");
        }
        digest.update(piece.duplicate());
        int length = piece.remaining();
        try {
            while (piece.hasRemaining()) {
                channel.write(piece);
            }
        } catch (IOException e) {
            throw new StorageException(e);
        }
        position += length;
    }

    synchronized void stopWriting() {
        writer = null;
    }

    private void restart() throws IOException {
        channel.truncate(0);
        channel.position(0);
        position = 0;
        digest = Sha256.start();
    }

    @Override
    public synchronized void close() throws StorageException {
        writer = null;
        try {
            channel.close();
        } catch (IOException e) {
            throw new StorageException(e);
        }
    }
}
