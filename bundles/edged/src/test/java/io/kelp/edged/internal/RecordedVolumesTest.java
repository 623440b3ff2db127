package io.kelp.edged.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.edged.ContainerSpec.Mount;
import io.kelp.edged.WorkloadException;
import io.kelp.edged.internal.env.Environments;
import io.kelp.edged.internal.env.TestPods;
import io.kelp.edged.internal.pod.Pod;
import io.kelp.edged.internal.volume.VolumeFolders;
import io.kelp.edged.internal.volume.VolumeSettings;
import io.kelp.edged.internal.volume.Volumes;
import io.kelp.metamanager.MetaStore.MetaObject;
import io.kelp.testkit.Await;
import io.kelp.testkit.cloud.FakeConnection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Volumes and environment of a recorded pod, over hub and meta manager, with the answers of a recorded stock cloud. */
class RecordedVolumesTest {

    @TempDir
    Path data;

    private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(2);

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

    private static String key(JsonObject message) {
        return message.getAsJsonObject("route").get("operation").getAsString() + " " + message.getAsJsonObject("route").get("resource").getAsString();
    }

    private static String parent(JsonObject message) {
        JsonObject header = message.getAsJsonObject("header");
        return header.has("parent_msg_id") ? header.get("parent_msg_id").getAsString() : "";
    }

    /** Recorded answers by question. */
    private static Map<String, JsonObject> answers(String file) throws IOException {
        Map<String, String> questions = new HashMap<>();
        Map<String, JsonObject> answers = new HashMap<>();
        for (JsonObject event : Gateway.recording(file)) {
            JsonObject message = event.getAsJsonObject("msg");
            if (key(message).startsWith("query ")) {
                questions.put(message.getAsJsonObject("header").get("msg_id").getAsString(), key(message));
            } else if (questions.containsKey(parent(message))) {
                answers.put(questions.get(parent(message)), message);
            }
        }
        return answers;
    }

    private static void answer(FakeConnection connection, JsonObject question, Map<String, JsonObject> answers) {
        JsonObject recorded = answers.get(key(question));
        if (recorded == null || !parent(question).isEmpty()) {
            return;
        }
        JsonObject answer = recorded.deepCopy();
        answer.getAsJsonObject("header").addProperty("msg_id", UUID.randomUUID().toString());
        answer.getAsJsonObject("header").add("parent_msg_id", question.getAsJsonObject("header").get("msg_id"));
        try {
            connection.send(answer + "\n");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private Pod pushed(Gateway gateway, String file, String name) throws Exception {
        Map<String, JsonObject> answers = answers(file);
        gateway.cloud.onMessage = (connection, text) -> answer(connection, JsonParser.parseString(text).getAsJsonObject(), answers);
        gateway.hub.start();
        FakeConnection connection = gateway.cloud.connection(Duration.ofSeconds(5));
        JsonObject push = Gateway.recording(file).stream().map(e -> e.getAsJsonObject("msg"))
                .filter(m -> key(m).equals("insert default/pod/" + name)).findFirst().orElseThrow();
        connection.send(push + "\n");
        Await.until("the pod is stored", Duration.ofSeconds(5), () -> gateway.objects.get("pod", "default", name).isPresent());
        MetaObject object = gateway.objects.get("pod", "default", name).orElseThrow();
        return Pod.of(object);
    }

    private Volumes volumes(Gateway gateway) {
        return new Volumes(gateway.objects, TestPods.NODE, new TestPods.Events(), threads, threads, new VolumeFolders(data, null), VolumeSettings.defaults());
    }

    @Test
    void aRecordedPodGetsItsFilesAndVariablesAndKeepsThemOffline() throws Exception {
        try (Gateway gateway = new Gateway(data, "edge-p", Map.of()); Volumes volumes = volumes(gateway)) {
            Pod pod = pushed(gateway, "03-pod/create", "web");
            volumes.mount(pod).toCompletableFuture().get(10, TimeUnit.SECONDS);
            Map<String, Path> at = new HashMap<>();
            for (Mount mount : volumes.mounts(pod, pod.containers().get(0))) {
                at.put(mount.containerPath(), mount.hostPath());
            }
            assertEquals("value-1", Files.readString(at.get("/etc/c").resolve("key")));
            assertEquals("s3cret", Files.readString(at.get("/etc/s").resolve("password")));
            Path account = at.get("/var/run/secrets/kubernetes.io/serviceaccount");
            assertTrue(Files.readString(account.resolve("token")).startsWith("eyJ"));
            assertTrue(Files.readString(account.resolve("ca.crt")).startsWith("-----BEGIN CERTIFICATE-----"));
            assertEquals("default", Files.readString(account.resolve("namespace")));

            gateway.cloud.close();
            Await.until("the link is down", Duration.ofSeconds(10), () -> gateway.hub.status().state() != io.kelp.edgehub.CloudLink.State.CONNECTED);
            volumes.unmount(pod.uid()).toCompletableFuture().get(5, TimeUnit.SECONDS);
            volumes.mount(pod).toCompletableFuture().get(5, TimeUnit.SECONDS);
            assertTrue(Files.readString(account.resolve("token")).startsWith("eyJ"));
            Map<String, String> env = new Environments(gateway.objects, TestPods.NODE, new TestPods.Events())
                    .of(pod, pod.containers().get(0)).toCompletableFuture().get(5, TimeUnit.SECONDS).env();
            assertEquals("{CFG=value-1, SEC=s3cret}", env.toString());
        }
    }

    @Test
    void aRecordedPodWithoutItsConfigMapSaysSo() throws Exception {
        try (Gateway gateway = new Gateway(data, "edge-p", Map.of()); Volumes volumes = volumes(gateway)) {
            Pod pod = pushed(gateway, "03-pod/missing-configmap", "broken");
            ExecutionException e = assertThrows(ExecutionException.class, () -> volumes.mount(pod).toCompletableFuture().get(10, TimeUnit.SECONDS));
            WorkloadException cause = (WorkloadException) e.getCause();
            assertEquals("FailedMount", cause.reason());
            assertTrue(cause.getMessage().matches("MountVolume.SetUp failed for volume \"[cs]\" : (configmap \"app-config|secret \"app-secret)\" not found"),
                    cause.getMessage());
        }
    }
}
