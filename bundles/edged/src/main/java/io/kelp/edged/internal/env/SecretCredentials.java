package io.kelp.edged.internal.env;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.kelp.edged.ImageCredentials;
import io.kelp.edged.internal.pod.Pod;
import io.kelp.edged.internal.pod.PullSecrets;
import io.kelp.metamanager.MetaStore;
import io.kelp.metamanager.MetaStore.MetaObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Registry credentials from {@code imagePullSecrets}, in the form of docker's configuration file
 * ({@code kubernetes.io/dockerconfigjson}) or the older one ({@code kubernetes.io/dockercfg}).
 */
public final class SecretCredentials implements PullSecrets {

    private static final Logger LOG = LoggerFactory.getLogger(SecretCredentials.class);

    private final MetaStore objects;

    public SecretCredentials(MetaStore objects) {
        this.objects = objects;
    }

    @Override
    public CompletionStage<List<ImageCredentials>> of(Pod pod, String image) {
        Set<Fetched.Wanted> wanted = new LinkedHashSet<>();
        for (JsonObject each : Pod.objects(pod.spec(), "imagePullSecrets")) {
            if (!Pod.text(each, "name").isEmpty()) {
                wanted.add(new Fetched.Wanted("secret", Pod.text(each, "name")));
            }
        }
        return Fetched.of(objects, pod.namespace(), wanted).thenApply(fetched -> {
            List<ImageCredentials> all = new ArrayList<>();
            for (Fetched.Wanted each : wanted) {
                try {
                    fetched.get("secret", each.name(), true).ifPresent(secret -> all.addAll(credentials(secret)));
                } catch (IllegalArgumentException e) {
                    LOG.info("Pod {}: no credentials from its pull secret {}: {}", pod, each.name(), e.getMessage());
                }
            }
            return matching(all, image);
        });
    }

    /** All credentials of one Secret; none of a Secret of another kind. */
    private static List<ImageCredentials> credentials(MetaObject secret) {
        String type = Pod.text(secret.json(), "type");
        boolean legacy = type.equals("kubernetes.io/dockercfg");
        if (!legacy && !type.equals("kubernetes.io/dockerconfigjson")) {
            return List.of();
        }
        byte[] file = SecretData.of(secret).get(legacy ? ".dockercfg" : ".dockerconfigjson");
        if (file == null) {
            return List.of();
        }
        JsonObject registries;
        try {
            JsonObject json = JsonParser.parseString(new String(file, StandardCharsets.UTF_8)).getAsJsonObject();
            registries = legacy ? json : Pod.object(json, "auths");
        } catch (JsonParseException | IllegalStateException e) { // no JSON, or no object
            throw new IllegalArgumentException("secret " + secret.name() + " holds no docker configuration");
        }
        List<ImageCredentials> all = new ArrayList<>();
        registries.entrySet().forEach(e -> entry(e.getKey(), e.getValue()).ifPresent(all::add));
        return all;
    }

    private static Optional<ImageCredentials> entry(String registry, JsonElement value) {
        if (!value.isJsonObject()) {
            return Optional.empty();
        }
        JsonObject entry = value.getAsJsonObject();
        String user = Pod.text(entry, "username");
        String password = Pod.text(entry, "password");
        String auth = Pod.text(entry, "auth");
        if (!auth.isEmpty()) {
            try {
                String decoded = new String(Base64.getMimeDecoder().decode(auth), StandardCharsets.UTF_8);
                int colon = decoded.indexOf(':');
                if (colon >= 0) {
                    user = decoded.substring(0, colon);
                    password = decoded.substring(colon + 1);
                }
            } catch (IllegalArgumentException e) {
                LOG.info("The credentials for {} are not base64 and are left out", registry);
                return Optional.empty();
            }
        }
        String token = Pod.text(entry, "identitytoken");
        return user.isEmpty() && password.isEmpty() && token.isEmpty() ? Optional.empty()
                : Optional.of(new ImageCredentials(RegistryMatch.normal(registry), user, password, token));
    }

    /** Those that fit the image, the most special first, those of one registry in the order of the pod. */
    static List<ImageCredentials> matching(List<ImageCredentials> all, String image) {
        String target = RegistryMatch.target(image);
        List<ImageCredentials> fit = new ArrayList<>(all.stream().filter(c -> RegistryMatch.fits(c.registry(), target)).toList());
        fit.sort(Comparator.comparing(ImageCredentials::registry).reversed());
        return List.copyOf(fit);
    }
}
