package io.kelp.oci.internal.registry;

import io.kelp.oci.ImageReference;
import io.kelp.oci.RegistryCredentials;
import io.kelp.oci.internal.BlobSource;
import io.kelp.oci.internal.Descriptor;
import io.kelp.oci.internal.MalformedImageException;
import io.kelp.oci.internal.Manifest;
import io.kelp.oci.internal.Sha256;
import java.io.EOFException;
import java.io.IOException;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Gets what a repository has (OCI distribution specification 1.1, pull). Nothing is believed that a registry says of what
 * it sends: digests are computed. For one thread and one image; blocks.
 */
public final class RegistryClient implements BlobSource {

    private static final String ACCEPTED = String.join(", ", Manifest.OCI_MANIFEST, Manifest.OCI_INDEX, Manifest.DOCKER_MANIFEST, Manifest.DOCKER_LIST);

    /** A manifest as it came. */
    public record Fetched(byte[] text, String contentType, String digest) {}

    private final RegistryConnection connection;
    private final Duration firstPause;

    /** @param firstPause before the first repetition of what failed; doubled for each further one */
    public RegistryClient(Transport transport, ImageReference image, List<RegistryCredentials> credentials, Duration firstPause) {
        this.connection = new RegistryConnection(transport, image, credentials, "pull", new Transport.Deadline(transport.settings().imageTimeout()));
        this.firstPause = firstPause;
    }

    /** @param reference tag or digest */
    public Fetched manifest(String reference) throws IOException, InterruptedException {
        return retries().run(() -> {
            BodySink.Memory body = new BodySink.Memory(Manifest.MAX_BYTES, false);
            Transport.Answer answer = connection.send(RegistryConnection.Call.of("GET", connection.address("manifests/" + reference),
                    Map.of("Accept", ACCEPTED), info -> body));
            String digest = Sha256.of(body.bytes());
            if (Sha256.isDigest(reference) && !digest.equals(reference)) {
                throw new MalformedImageException("the manifest has the digest " + digest + ", asked for was " + reference);
            }
            return new Fetched(body.bytes(), answer.headers().firstValue("Content-Type").orElse(""), digest);
        });
    }

    @Override
    public byte[] small(Descriptor blob, int limit) throws IOException, InterruptedException {
        if (blob.size() > limit) {
            throw new MalformedImageException(blob.digest() + " has " + blob.size() + " bytes, permitted are " + limit);
        }
        return retries().run(() -> {
            BodySink.Memory body = new BodySink.Memory((int) blob.size(), false);
            connection.send(RegistryConnection.Call.of("GET", connection.address("blobs/" + blob.digest()), Map.of(), info -> body));
            if (body.bytes().length < blob.size()) {
                throw new EOFException(blob.digest() + " ended after " + body.bytes().length + " of " + blob.size() + " bytes");
            }
            if (!Sha256.of(body.bytes()).equals(blob.digest())) {
                throw new MalformedImageException("what came for " + blob.digest() + " is something else");
            }
            return body.bytes();
        });
    }

    @Override
    public void download(Descriptor blob, Path file, Consumer<Long> progress) throws IOException, InterruptedException {
        Retries retries = retries();
        long best = 0;
        try (PartialFile partial = new PartialFile(blob, file)) {
            boolean continued = partial.position() > 0;
            while (true) {
                if (partial.complete()) {
                    if (partial.verify()) {
                        return;
                    }
                    if (!continued) {
                        throw new MalformedImageException("what came for " + blob.digest() + " is something else");
                    }
                    continued = false; // what was there from before may be what is wrong
                }
                try {
                    long before = partial.position();
                    continued |= before > 0;
                    part(blob, partial);
                    if (!partial.complete()) {
                        throw new EOFException(blob.digest() + " ended after " + partial.position() + " of " + blob.size() + " bytes");
                    }
                } catch (IOException e) {
                    if (!Retries.worthwhile(e)) {
                        throw e;
                    }
                    if (partial.position() > best) {
                        best = partial.position();
                        retries.progressed();
                        progress.accept(best);
                    }
                    retries.failed(e);
                }
            }
        }
    }

    private void part(Descriptor blob, PartialFile partial) throws IOException, InterruptedException {
        long from = partial.position();
        Map<String, String> headers = from == 0 ? Map.of() : Map.of("Range", "bytes=" + from + "-");
        PartSink sink = new PartSink(partial, from);
        try {
            Transport.Answer answer = connection.send(RegistryConnection.Call.of("GET", connection.address("blobs/" + blob.digest()), headers, sink::open));
            if (answer.status() == 416) {
                partial.writer(true);
            }
        } finally {
            partial.stopWriting();
        }
    }

    private Retries retries() {
        return new Retries(firstPause, connection.deadline());
    }

    /** Takes a part, or the whole from a server that knows no ranges. */
    private record PartSink(PartialFile partial, long from) {

        BodySink.Sink open(ResponseInfo info) {
            boolean wanted = info.statusCode() == 206
                    && info.headers().firstValue("Content-Range").orElse("").startsWith("bytes " + from + "-");
            if (info.statusCode() == 206 && !wanted) {
                return piece -> {
                    throw new RegistryException(RegistryException.Kind.REFUSED, "another part of the blob came than the one asked for");
                };
            }
            try {
                return partial.writer(!wanted);
            } catch (IOException e) {
                return piece -> {
                    throw e;
                };
            }
        }
    }
}
