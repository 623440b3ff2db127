package io.kelp.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.testkit.Await;
import io.kelp.testkit.CloudProcess;
import io.kelp.testkit.ControlPlane;
import io.kelp.testkit.GatewayProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Where the words of a Secret are found on the gateway: in the volume of the pod that asked for it, in memory, and nowhere else. */
@Tag("slow")
@ExtendWith(Installation.class)
class SecretsOnDiskTest {

    private static final String MARK = "Qx7Vw2Kp9Zt4Ln8Rb3Yc";

    private final ControlPlane plane;
    private final CloudProcess cloud;
    private final Installation.Gateways gateways;

    SecretsOnDiskTest(ControlPlane plane, CloudProcess cloud, Installation.Gateways gateways) {
        this.plane = plane;
        this.cloud = cloud;
        this.gateways = gateways;
    }

    @Test
    void theyAreInTheVolumeInMemoryAlone() throws Exception {
        Path run = Files.createDirectories(Installation.work().resolve("secrets-run"));
        try (GatewayProcess gateway = gateways.joined("secrets").environment(Map.of("RUNTIME_DIRECTORY", run.toString()))) {
            String alder = Images.web(gateway, "alder", "1.0.0");
            gateway.start();
            Pods pods = new Pods(plane, gateway);
            pods.kubectl("create", "secret", "generic", "words", "--from-literal=word=" + MARK);
            pods.kubectl("create", "secret", "docker-registry", "login", "--docker-server=127.0.0.1:1", "--docker-username=u", "--docker-password=" + MARK);
            pods.apply(Pods.pod("keeps", pods.web(alder, """
                    env: [{name: WORD, valueFrom: {secretKeyRef: {name: words, key: word}}}]
                    envFrom: [{prefix: ALL_, secretRef: {name: words}}]
                    volumeMounts: [{name: words, mountPath: /words}]
                    """) + "volumes: [{name: words, secret: {secretName: words}}]\nimagePullSecrets: [{name: login}]\n"));
            pods.apply(Pods.pod("pulls", pods.spec("imagePullSecrets: [{name: login}]\ncontainers:\n" + Pods.container("web", "127.0.0.1:1/none:1", ""))));
            pods.awaitReady("keeps");
            pods.await("pulls", "has tried with its login", p -> Pods.container(p, "web").toString().contains("127.0.0.1:1"));
            String volume = run + ".*/volumes/kubernetes\\.io~secret/words/\\.\\..*/word raw";
            List<String> found = found(gateway.home(), run, cloud.log());
            assertEquals(1, found.size(), found.toString());
            assertTrue(found.get(0).matches(volume), found.toString());

            gateway.kill();
            gateway.start();
            Await.until("it serves again", Pods.SOON, () -> pods.ask(pods.get("keeps").orElseThrow(), "/").equals("alder 1.0.0"));
            Await.until("nothing was added by the kill", Pods.SOON, () -> found(gateway.home(), run, cloud.log()).stream().allMatch(f -> f.matches(volume)));

            pods.kubectl("delete", "pod", "keeps", "pulls", "--timeout=30s");
            Await.until("nothing is left of it", Pods.SOON, () -> found(gateway.home(), run, cloud.log()).isEmpty());
        }
    }

    /** Files below these that hold the mark in some form, with the form. */
    private static List<String> found(Path... places) throws IOException {
        Map<String, byte[]> forms = forms();
        List<String> found = new ArrayList<>();
        for (Path place : places) {
            Files.walkFileTree(place, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    byte[] content = attributes.isRegularFile() ? content(file) : new byte[0];
                    forms.forEach((name, form) -> {
                        if (contains(content, form)) {
                            found.add(file + " " + name);
                        }
                    });
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException e) {
                    return FileVisitResult.CONTINUE; // removed meanwhile
                }
            });
        }
        return found;
    }

    private static byte[] content(Path file) throws IOException {
        try {
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            return new byte[0]; // removed meanwhile
        }
    }

    private static Map<String, byte[]> forms() {
        byte[] mark = MARK.getBytes(StandardCharsets.UTF_8);
        Map<String, byte[]> forms = new TreeMap<>();
        forms.put("raw", mark);
        forms.put("UTF-16LE", MARK.getBytes(StandardCharsets.UTF_16LE));
        forms.put("UTF-16BE", MARK.getBytes(StandardCharsets.UTF_16BE));
        for (int shift = 0; shift < 3; shift++) { // whatever stands before it, without the ends that neighbours share
            byte[] shifted = new byte[shift + mark.length];
            System.arraycopy(mark, 0, shifted, shift, mark.length);
            String text = Base64.getEncoder().withoutPadding().encodeToString(shifted);
            forms.put("Base64 " + shift, text.substring(shift == 0 ? 0 : shift + 1, text.length() - 2).getBytes(StandardCharsets.US_ASCII));
        }
        return forms;
    }

    private static boolean contains(byte[] all, byte[] part) {
        for (int at = 0; at <= all.length - part.length; at++) {
            int i = 0;
            while (i < part.length && all[at + i] == part[i]) {
                i++;
            }
            if (i == part.length) {
                return true;
            }
        }
        return false;
    }
}
