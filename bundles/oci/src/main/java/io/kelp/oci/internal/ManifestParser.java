package io.kelp.oci.internal;

import com.google.gson.stream.JsonReader;
import io.kelp.oci.Platform;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Reads manifests and indexes: OCI image specification 1.1 and Docker's schema 2. */
public final class ManifestParser {

    private static final int MAX_LAYERS = 512;
    private static final int MAX_MANIFESTS = 1024;
    private static final int MAX_ANNOTATIONS = 256;
    private static final String WHAT = "the manifest";

    private int schemaVersion = -1;
    private String mediaType = "";
    private Descriptor config;
    private List<Descriptor> layers;
    private List<Descriptor> manifests;

    private ManifestParser() {}

    /**
     * @param contentType under which it came; counts only when the text itself does not say what it is
     * @throws MalformedImageException when it is neither manifest nor index, or beyond the limits
     */
    public static Manifest parse(byte[] text, String contentType) throws MalformedImageException {
        if (text.length > Manifest.MAX_BYTES) {
            throw new MalformedImageException(WHAT + " has more than " + Manifest.MAX_BYTES + " bytes");
        }
        ManifestParser parser = new ManifestParser();
        Json.document(text, WHAT, parser::field);
        return parser.result(contentType);
    }

    private void field(String name, JsonReader in) throws IOException {
        switch (name) {
            case "schemaVersion" -> schemaVersion = in.nextInt();
            case "mediaType" -> mediaType = in.nextString();
            case "config" -> config = descriptor(in);
            case "layers" -> layers = descriptors(in, MAX_LAYERS);
            case "manifests" -> manifests = descriptors(in, MAX_MANIFESTS);
            default -> in.skipValue();
        }
    }

    private Manifest result(String contentType) throws MalformedImageException {
        if (schemaVersion != 2) {
            throw new MalformedImageException(schemaVersion == 1
                    ? "the image has a manifest of schema 1, which no registry should hand out any more; push it again with a current tool"
                    : WHAT + " has schemaVersion " + schemaVersion + ", expected 2");
        }
        String type = mediaType.isEmpty() ? contentType.replaceFirst(";.*", "").strip() : mediaType;
        boolean index = type.equals(Manifest.OCI_INDEX) || type.equals(Manifest.DOCKER_LIST);
        boolean image = type.equals(Manifest.OCI_MANIFEST) || type.equals(Manifest.DOCKER_MANIFEST);
        if (manifests != null && (config != null || layers != null)) {
            // Two readings of one digest: CVE-2021-41190.
            throw new MalformedImageException(WHAT + " is manifest and index at once");
        }
        if (manifests != null && !image) {
            return new Manifest.Index(List.copyOf(manifests));
        }
        if (config != null && layers != null && !index) {
            return new Manifest.Image(config, List.copyOf(layers));
        }
        throw new MalformedImageException("neither an image manifest nor an index, but \"" + shortened(type) + "\"");
    }

    private static List<Descriptor> descriptors(JsonReader in, int limit) throws IOException {
        List<Descriptor> all = new ArrayList<>();
        Json.list(in, limit, each -> all.add(descriptor(each)));
        return all;
    }

    private static Descriptor descriptor(JsonReader in) throws IOException {
        DescriptorFields fields = new DescriptorFields();
        Json.object(in, fields);
        return fields.result();
    }

    private static String shortened(String text) {
        return text.length() > 80 ? text.substring(0, 80) + "…" : text;
    }

    private static final class DescriptorFields implements Json.Fields {

        private String mediaType = "";
        private String digest = "";
        private long size = -1;
        private Map<String, String> annotations = Map.of();
        private Platform platform;

        @Override
        public void read(String name, JsonReader in) throws IOException {
            switch (name) {
                case "mediaType" -> mediaType = in.nextString();
                case "digest" -> digest = in.nextString();
                case "size" -> size = in.nextLong();
                case "annotations" -> annotations = Json.map(in, MAX_ANNOTATIONS);
                case "platform" -> platform = platform(in);
                default -> in.skipValue();
            }
        }

        Descriptor result() throws MalformedImageException {
            if (!Sha256.isDigest(digest)) {
                throw new MalformedImageException("a descriptor has the digest \"" + shortened(digest) + "\", expected sha256 and 64 hexadecimal digits");
            }
            if (size < 0) {
                throw new MalformedImageException("the descriptor of " + digest + " has no size");
            }
            String name = annotations.getOrDefault(Manifest.IMAGE_NAME, annotations.getOrDefault(Manifest.REF_NAME, ""));
            boolean attestation = annotations.getOrDefault("vnd.docker.reference.type", "").equals("attestation-manifest");
            return new Descriptor(mediaType, digest, size, annotations.getOrDefault(Manifest.TITLE, ""), name, platform, attestation);
        }

        private static Platform platform(JsonReader in) throws IOException {
            String[] parts = {"", "", ""};
            Json.object(in, (name, value) -> {
                switch (name) {
                    case "os" -> parts[0] = value.nextString();
                    case "architecture" -> parts[1] = value.nextString();
                    case "variant" -> parts[2] = value.nextString();
                    default -> value.skipValue();
                }
            });
            return new Platform(parts[0], parts[1], parts[2]);
        }
    }
}
