package io.kelp.oci.internal.registry;

import io.kelp.oci.ImageReference;
import io.kelp.oci.RegistryCredentials;
import io.kelp.oci.internal.BuiltImage;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Brings content to a repository (OCI distribution specification 1.1, push): a blob in one request, in two, or in chunks,
 * whatever the registry takes. For one thread and one image; blocks.
 */
public final class RegistryUpload {

    private static final int CHUNK = 8 << 20;

    private final RegistryConnection connection;
    private final Duration firstPause;

    public RegistryUpload(Transport transport, ImageReference image, List<RegistryCredentials> credentials, Duration firstPause) {
        this.connection = new RegistryConnection(transport, image, credentials, "pull,push", new Transport.Deadline(transport.settings().imageTimeout()));
        this.firstPause = firstPause;
    }

    /**
     * Sends a blob unless it is there.
     *
     * @param from another repository of the registry that may have it; empty if none is known
     * @return false if it was there
     */
    public boolean blob(BuiltImage.Blob blob, String from) throws IOException, InterruptedException {
        return retries().run(() -> {
            String digest = blob.descriptor().digest();
            if (has(digest)) {
                return false;
            }
            String query = from.isEmpty() ? "" : "?mount=" + digest + "&from=" + from;
            Transport.Answer answer = send("POST", connection.address("blobs/uploads/" + query), Map.of(), BodyPublishers.noBody(), new BodySink.Progress());
            if (answer.status() == 201) {
                return false; // mounted
            }
            URI upload = location(answer);
            try {
                put(upload, digest, blob, 0);
            } catch (RegistryException e) {
                if (e.kind() != RegistryException.Kind.REFUSED) {
                    throw e;
                }
                chunks(digest, blob);
            }
            return true;
        });
    }

    private boolean has(String digest) throws IOException, InterruptedException {
        try {
            send("HEAD", connection.address("blobs/" + digest), Map.of(), BodyPublishers.noBody(), new BodySink.Progress());
            return true;
        } catch (RegistryException e) {
            if (e.kind() == RegistryException.Kind.NOT_FOUND) {
                return false;
            }
            throw e;
        }
    }

    /** All at once from an offset. */
    private void put(URI upload, String digest, BuiltImage.Blob blob, long offset) throws IOException, InterruptedException {
        BodySink.Progress progress = new BodySink.Progress();
        URI address = URI.create(upload + (upload.getRawQuery() == null ? "?" : "&") + "digest=" + digest.replace(":", "%3A"));
        send("PUT", address, Map.of("Content-Type", "application/octet-stream"), body(blob, offset, blob.descriptor().size() - offset, progress), progress);
    }

    /** For registries that take no whole blob in one request. */
    private void chunks(String digest, BuiltImage.Blob blob) throws IOException, InterruptedException {
        URI upload = location(send("POST", connection.address("blobs/uploads/"), Map.of(), BodyPublishers.noBody(), new BodySink.Progress()));
        long size = blob.descriptor().size();
        for (long at = 0; at < size; at += CHUNK) {
            BodySink.Progress progress = new BodySink.Progress();
            long length = Math.min(CHUNK, size - at);
            Map<String, String> headers = Map.of("Content-Type", "application/octet-stream", "Content-Range", at + "-" + (at + length - 1));
            upload = location(send("PATCH", upload, headers, body(blob, at, length, progress), progress));
        }
        put(upload, digest, blob, size);
    }

    /** @param reference tag or digest */
    public void manifest(BuiltImage.Document document, String reference) throws IOException, InterruptedException {
        retries().run(() -> send("PUT", connection.address("manifests/" + reference), Map.of("Content-Type", document.mediaType()),
                BodyPublishers.ofByteArray(document.text()), new BodySink.Progress()));
    }

    private Transport.Answer send(String method, URI address, Map<String, String> headers, BodyPublisher body, BodySink.Progress progress)
            throws IOException, InterruptedException {
        return connection.send(new RegistryConnection.Call(method, address, headers, body, progress, info -> new BodySink.Memory(64 << 10, true)));
    }

    private URI location(Transport.Answer answer) throws RegistryException {
        try {
            URI location = connection.address("blobs/uploads/").resolve(answer.headers().firstValue("Location").orElse(""));
            if (location.getHost() != null && location.getRawUserInfo() == null && !answer.headers().firstValue("Location").orElse("").isEmpty()) {
                return location;
            }
        } catch (IllegalArgumentException e) {
            throw new RegistryException(RegistryException.Kind.REFUSED, "the registry names an upload that is no address", e);
        }
        throw new RegistryException(RegistryException.Kind.REFUSED, "the registry names no address for the upload");
    }

    private static BodyPublisher body(BuiltImage.Blob blob, long offset, long length, BodySink.Progress progress) {
        if (length == 0) {
            return BodyPublishers.noBody();
        }
        return BodyPublishers.fromPublisher(BodyPublishers.ofInputStream(() -> {
            try {
                InputStream in = blob.open();
                in.skipNBytes(offset);
                return new Part(in, length, progress);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }), length);
    }

    private Retries retries() {
        return new Retries(firstPause, connection.deadline());
    }

    /** A part of a stream; each read is a sign of life. */
    private static final class Part extends FilterInputStream {

        private final BodySink.Progress progress;
        private long left;

        Part(InputStream in, long length, BodySink.Progress progress) {
            super(in);
            this.left = length;
            this.progress = progress;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            if (left == 0) {
                return -1;
            }
            int n = in.read(buffer, offset, (int) Math.min(length, left));
            if (n > 0) {
                left -= n;
                progress.made();
            }
            return n;
        }
    }
}
