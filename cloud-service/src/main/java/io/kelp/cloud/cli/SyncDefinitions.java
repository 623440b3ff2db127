package io.kelp.cloud.cli;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.cloud.kube.KubeApi;
import io.kelp.cloud.kube.KubeException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Creates the CustomResourceDefinitions of sync objects where they are missing; those of a stock installation stay as they are. */
final class SyncDefinitions {

    private static final String DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    private static final long DEADLINE_SECONDS = 15;

    private SyncDefinitions() {}

    /** Waits for the API server. */
    static void install(KubeApi kube) throws ServiceException {
        for (String file : List.of("objectsyncs.json", "clusterobjectsyncs.json")) {
            JsonObject definition = read(file);
            String name = definition.getAsJsonObject("metadata").get("name").getAsString();
            try {
                kube.create(DEFINITIONS, definition).get(DEADLINE_SECONDS, TimeUnit.SECONDS);
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof KubeException refused && refused.code() == 409)) {
                    throw new ServiceException("Cannot create CustomResourceDefinition " + name + ": " + e.getCause().getMessage()
                            + "; give the account of kelp-cloud the rights listed in manifests/rbac.yaml", e);
                }
            } catch (TimeoutException e) {
                throw new ServiceException("Cannot create CustomResourceDefinition " + name + ": the API server did not answer within "
                        + DEADLINE_SECONDS + " s", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new ServiceException("Interrupted while creating CustomResourceDefinition " + name, e);
            }
        }
    }

    private static JsonObject read(String file) throws ServiceException {
        try (InputStream in = SyncDefinitions.class.getResourceAsStream("/io/kelp/cloud/hub/" + file);
                Reader reader = new InputStreamReader(in, StandardCharsets.UTF_8)) {
            return JsonParser.parseReader(reader).getAsJsonObject();
        } catch (IOException e) {
            throw new ServiceException("The archive of kelp-cloud is damaged: " + e.getMessage(), e);
        }
    }
}
