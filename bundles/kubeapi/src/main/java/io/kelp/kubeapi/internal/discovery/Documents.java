package io.kelp.kubeapi.internal.discovery;

import java.util.Optional;

/** Discovery and OpenAPI: what is served, told from the catalog. Safe for use by several threads; documents are kept until the catalog changes. */
public interface Documents {

    /** @param etag for {@code If-None-Match}, empty for none; {@code status} other than 200 has a {@code metav1.Status} as body */
    record Document(int status, String contentType, byte[] body, String etag) {}

    /**
     * @param path {@code /api}, {@code /apis}, {@code /apis/GROUP}, {@code /apis/GROUP/VERSION}, {@code /api/v1}, {@code /openapi/v2},
     *     {@code /openapi/v3}, {@code /openapi/v3/…}, {@code /version}
     * @param accept the header, empty when missing; decides between plain and aggregated discovery
     * @return empty when there is no such document
     */
    Optional<Document> find(String path, String accept);
}
