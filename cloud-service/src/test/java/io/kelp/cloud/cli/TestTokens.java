package io.kelp.cloud.cli;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Join tokens made by hand, with the key in the Secret. */
final class TestTokens {

    private TestTokens() {}

    static String jwt(TestCloud cloud, String algorithm, Instant expires) throws Exception {
        byte[] key = Base64.getDecoder().decode(cloud.kube().find("/api/v1/namespaces/kubeedge/secrets/casecret").orElseThrow()
                .getAsJsonObject("data").get("cakeydata").getAsString());
        String signed = encode(("{\"alg\":\"" + algorithm + "\",\"typ\":\"JWT\"}").getBytes(StandardCharsets.UTF_8)) + "."
                + encode(("{\"exp\":" + expires.getEpochSecond() + "}").getBytes(StandardCharsets.UTF_8));
        String mac = "HmacSHA" + algorithm.substring(2);
        Mac hmac = Mac.getInstance(mac);
        hmac.init(new SecretKeySpec(key, mac));
        return signed + "." + encode(hmac.doFinal(signed.getBytes(StandardCharsets.UTF_8)));
    }

    private static String encode(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
