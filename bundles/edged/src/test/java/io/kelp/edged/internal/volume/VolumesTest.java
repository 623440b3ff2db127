package io.kelp.edged.internal.volume;

import static io.kelp.edged.internal.env.TestPods.json;
import static io.kelp.edged.internal.env.TestPods.pod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import io.kelp.edged.ContainerSpec.Mount;
import io.kelp.edged.WorkloadException;
import io.kelp.edged.internal.env.TestObjects;
import io.kelp.edged.internal.env.TestPods;
import io.kelp.edged.internal.pod.Pod;
import io.kelp.testkit.Await;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VolumesTest {

    @TempDir
    Path home;

    private final TestObjects objects = new TestObjects();
    private final TestPods.Events events = new TestPods.Events();
    private final ExecutorService io = Executors.newFixedThreadPool(2);
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private Volumes volumes;
    private VolumeFolders folders;

    @BeforeEach
    void open() {
        folders = new VolumeFolders(home.resolve("data"), home.resolve("run"));
        volumes = new Volumes(objects, TestPods.NODE, events, io, timer, folders,
                new VolumeSettings(List.of(), List.of(home.resolve("data"), home.resolve("run"))));
    }

    @AfterEach
    void close() {
        volumes.close();
        assertEquals(0, objects.watchers());
        io.shutdownNow();
        timer.shutdownNow();
    }

    private static Pod with(String volume) {
        return with(volume, "{'name':'v','mountPath':'/m'}");
    }

    private static Pod with(String volume, String mount) {
        return pod("{'serviceAccountName':'robot','volumes':[" + volume + "],'containers':[{'name':'c','volumeMounts':[" + mount + "]}]}");
    }

    private Path mount(Pod pod) throws Exception {
        volumes.mount(pod).toCompletableFuture().get(5, TimeUnit.SECONDS);
        List<Mount> mounts = volumes.mounts(pod, pod.containers().get(0));
        assertEquals("/m", mounts.get(0).containerPath());
        return mounts.get(0).hostPath();
    }

    private String failure(Pod pod) {
        ExecutionException e = assertThrows(ExecutionException.class, () -> volumes.mount(pod).toCompletableFuture().get(5, TimeUnit.SECONDS));
        WorkloadException cause = assertInstanceOf(WorkloadException.class, e.getCause());
        assertEquals("FailedMount", cause.reason());
        return cause.getMessage();
    }

    private static void await(String what, java.util.concurrent.Callable<Boolean> condition) {
        Await.until(what, Duration.ofSeconds(5), condition);
    }

    @Test
    void aConfigMapIsFilesThatFollowIt() throws Exception {
        objects.configMap("m", Map.of("a.txt", "1", "b.txt", "2"));
        Path at = mount(with("{'name':'v','configMap':{'name':'m','defaultMode':288}}"));
        assertEquals("1", Files.readString(at.resolve("a.txt")));
        assertEquals("r--r-----", PosixFilePermissions.toString(Files.getPosixFilePermissions(at.resolve("a.txt"))));
        assertTrue(at.startsWith(home.resolve("data/pods/pod-1/volumes/kubernetes.io~configmap/v")));
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(home.resolve("data/pods/pod-1"))));
        objects.configMap("m", Map.of("a.txt", "3"));
        Duration took = Await.until("the change", Duration.ofSeconds(5), () -> Files.readString(at.resolve("a.txt")).equals("3"));
        assertTrue(took.toMillis() < 1000, took.toString());
        await("b.txt gone", () -> !Files.exists(at.resolve("b.txt"), LinkOption.NOFOLLOW_LINKS));
        assertTrue(volumes.mounts(with("{'name':'v','configMap':{'name':'m'}}"), json("{'volumeMounts':[{'name':'v','mountPath':'/m'}]}")).get(0).readOnly());
    }

    @Test
    void itemsChooseAndRename() throws Exception {
        objects.configMap("m", Map.of("a", "1", "b", "2"));
        Path at = mount(with("{'name':'v','configMap':{'name':'m','items':[{'key':'b','path':'sub/x','mode':256}]}}"));
        assertEquals("2", Files.readString(at.resolve("sub/x")));
        assertFalse(Files.exists(at.resolve("a")));
    }

    @Test
    void aSecretLiesInMemoryOnly() throws Exception {
        objects.secret("s", "Opaque", Map.of("p", "hush"));
        Path at = mount(with("{'name':'v','secret':{'secretName':'s'}}"));
        assertEquals("hush", Files.readString(at.resolve("p")));
        assertTrue(at.startsWith(home.resolve("run/pods/pod-1/volumes/kubernetes.io~secret")));
        assertFalse(Files.exists(home.resolve("data/pods/pod-1")));
    }

    /** What the API server puts into every pod. */
    @Test
    void theAccessToTheApiServerIsProjected() throws Exception {
        objects.configMap("kube-root-ca.crt", Map.of("ca.crt", "PEM"));
        Pod pod = with("{'name':'v','projected':{'defaultMode':420,'sources':[{'serviceAccountToken':{'expirationSeconds':3607,'path':'token'}},"
                + "{'configMap':{'name':'kube-root-ca.crt','items':[{'key':'ca.crt','path':'ca.crt'}]}},"
                + "{'downwardAPI':{'items':[{'path':'namespace','fieldRef':{'apiVersion':'v1','fieldPath':'metadata.namespace'}}]}}]}}");
        Path at = mount(pod);
        assertEquals("token-1 PEM default", Files.readString(at.resolve("token")) + " " + Files.readString(at.resolve("ca.crt")) + " "
                + Files.readString(at.resolve("namespace")));
        assertTrue(at.startsWith(home.resolve("run")));
        assertEquals(json("{'metadata':{'creationTimestamp':null},'spec':{'audiences':null,'expirationSeconds':3607,'boundObjectRef':"
                + "{'kind':'Pod','apiVersion':'v1','name':'web','uid':'pod-1'}},'status':{'token':'','expirationTimestamp':null}}"), objects.tokenRequests.get(0));
    }

    @Test
    void aCloudThatGivesNoTokenIsNamedAndAskedAgain() throws Exception {
        objects.token = null;
        Pod pod = with("{'name':'v','projected':{'sources':[{'serviceAccountToken':{'audience':'vault','path':'t'}}]}}");
        assertEquals("MountVolume.SetUp failed for volume \"v\" : failed to fetch token: no token for account robot", failure(pod));
        objects.token = "t2";
        assertEquals("t2", Files.readString(mount(pod).resolve("t")));
        assertEquals("[\"vault\"]", objects.tokenRequests.get(1).getAsJsonObject("spec").get("audiences").toString());
    }

    @Test
    void tellsAPodAboutItselfAndFollowsItsLabels() throws Exception {
        String volume = "{'name':'v','downwardAPI':{'items':[{'path':'labels','fieldRef':{'fieldPath':'metadata.labels'}},"
                + "{'path':'annotations','fieldRef':{'fieldPath':'metadata.annotations'}},"
                + "{'path':'mem','resourceFieldRef':{'containerName':'c','resource':'limits.memory','divisor':'1Mi'}}]}}";
        Pod pod = with(volume);
        Path at = mount(pod);
        assertEquals("app=\"web\"\ntier=\"a\"", Files.readString(at.resolve("labels")));
        assertEquals("note=\"line one\\nsays \\\"hi\\\"\"", Files.readString(at.resolve("annotations")));
        assertEquals("256", Files.readString(at.resolve("mem")));
        JsonObject relabelled = pod.json().deepCopy();
        relabelled.getAsJsonObject("metadata").add("labels", json("{'app':'new'}"));
        objects.change("pod", "web", relabelled);
        await("the new label", () -> Files.readString(at.resolve("labels")).equals("app=\"new\""));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{'name':'v','configMap':{'name':'no'}} | configmap \"no\" not found",
        "{'name':'v','secret':{'secretName':'no'}} | secret \"no\" not found",
        "{'name':'v','configMap':{'name':'m','items':[{'key':'no','path':'x'}]}} | configmap references non-existent config key: no",
        "{'name':'v','configMap':{'name':'m','items':[{'key':'a','path':'../x'}]}} | invalid path: \"../x\"",
        "{'name':'v','configMap':{'name':'m','items':[{'key':'a','path':'x','mode':5000}]}} | mode 5000 of x is not within 0 and 0777",
        "{'name':'v','configMap':{'name':'hostile'}} | invalid path: \"../../etc/cron.d/x\"",
        "{'name':'v','projected':{'sources':[{'clusterTrustBundle':{'path':'x'}}]}} | projected volumes with clusterTrustBundle are not supported on this gateway",
        "{'name':'v','emptyDir':{'medium':'HugePages'}} | medium HugePages is not supported on this gateway",
        "{'name':'v','persistentVolumeClaim':{'claimName':'x'}} | volumes of type persistentVolumeClaim are not supported on this gateway; there are emptyDir, hostPath, configMap, secret, projected and downwardAPI",
        "{'name':'v','downwardAPI':{'items':[{'path':'x','fieldRef':{'fieldPath':'status.phase'}}]}} | unsupported fieldPath: status.phase",
        "{'name':'v','hostPath':{'path':'relative'}} | hostPath \"relative\" is not an absolute path without \"..\"",
        "{'name':'v','hostPath':{'path':'/a/../etc'}} | hostPath \"/a/../etc\" is not an absolute path without \"..\""})
    void saysWhatIsWrongAsKubeletDoes(String volume, String message) {
        objects.configMap("m", Map.of("a", "1"));
        objects.configMap("hostile", Map.of("../../etc/cron.d/x", "1"));
        assertEquals("MountVolume.SetUp failed for volume \"v\" : " + message, failure(with(volume)));
        assertFalse(Files.exists(home.resolve("etc")));
    }

    @Test
    void optionalObjectsMayBeAbsentAndComeLater() throws Exception {
        objects.online = false;
        Path at = mount(with("{'name':'v','secret':{'secretName':'late','optional':true,'items':[{'key':'k','path':'k'},{'key':'none','path':'n'}]}}"));
        assertTrue(Files.isDirectory(at));
        objects.secret("late", "Opaque", Map.of("k", "here"));
        await("the late secret", () -> Files.readString(at.resolve("k")).equals("here"));
        objects.online = true;
        objects.remove("secret", "late");
        await("it is gone", () -> !Files.exists(at.resolve("k")));
    }

    @Test
    void whatCouldNotBeAskedForIsAskedForAgain() throws Exception {
        objects.configMap("there", Map.of("k", "1"));
        objects.hidden = true; // the cloud has it, the gateway does not
        objects.online = false;
        Path at = mount(with("{'name':'v','configMap':{'name':'there','optional':true}}"));
        assertFalse(Files.exists(at.resolve("k")));
        objects.online = true;
        objects.hidden = false;
        volumes.check();
        await("the object", () -> Files.readString(at.resolve("k")).equals("1"));
    }

    @Test
    void aTokenThatWasRenewedIsInTheFileAtTheNextCheckAndNothingElseIsWritten() throws Exception {
        Path at = mount(with("{'name':'v','projected':{'sources':[{'serviceAccountToken':{'path':'token'}}]}}"));
        Path data = Files.readSymbolicLink(at.resolve("..data"));
        volumes.check();
        await("the question", () -> objects.tokenRequests.size() == 2);
        objects.token = "token-2";
        volumes.check();
        await("the token", () -> Files.readString(at.resolve("token")).equals("token-2"));
        Path next = Files.readSymbolicLink(at.resolve("..data"));
        assertFalse(next.equals(data));
        volumes.check();
        await("the question", () -> objects.tokenRequests.size() == 4);
        assertEquals(next, Files.readSymbolicLink(at.resolve("..data")));
    }

    @Test
    void filesStayWhenTheirObjectIsDeletedAndOneEventSaysSo() throws Exception {
        objects.configMap("m", Map.of("a", "1"));
        Path at = mount(with("{'name':'v','configMap':{'name':'m'}}"));
        objects.remove("configmap", "m");
        await("the Event", () -> events.said.size() == 1);
        assertEquals("Warning FailedMount MountVolume.SetUp failed for volume \"v\" : configmap \"m\" not found", events.said.get(0));
        assertEquals("1", Files.readString(at.resolve("a")));
        objects.configMap("m", Map.of("a", "2"));
        await("the new one", () -> Files.readString(at.resolve("a")).equals("2"));
        assertEquals(1, events.said.size());
    }

    @Test
    void mountsTheSameAfterARestartWithoutWriting() throws Exception {
        objects.configMap("m", Map.of("a", "1"));
        Path at = mount(with("{'name':'v','configMap':{'name':'m'}}"));
        Path data = Files.readSymbolicLink(at.resolve("..data"));
        volumes.close();
        open();
        objects.online = false;
        assertEquals(at, mount(with("{'name':'v','configMap':{'name':'m'}}")));
        assertEquals(data, Files.readSymbolicLink(at.resolve("..data")));
    }

    @Test
    void anEmptyDirKeepsItsContentAndIsMeasured() throws Exception {
        Pod pod = with("{'name':'v','emptyDir':{'sizeLimit':'1Ki'}},{'name':'w','emptyDir':{'medium':'Memory'}}",
                "{'name':'v','mountPath':'/m'},{'name':'w','mountPath':'/w'}");
        Path at = mount(pod);
        assertTrue(volumes.mounts(pod, pod.containers().get(0)).get(1).hostPath().startsWith(home.resolve("run")));
        Files.write(at.resolve("f"), new byte[1024]);
        Files.createSymbolicLink(at.resolve("link"), Path.of("/usr"));
        assertTrue(volumes.measureNow("pod-1").toCompletableFuture().get());
        assertEquals(1024, volumes.bytes("pod-1"));
        assertEquals(List.of(), volumes.overLimit("pod-1"));
        Files.write(at.resolve("g"), new byte[1]);
        volumes.measureNow("pod-1").toCompletableFuture().get();
        assertEquals(List.of("Usage of EmptyDir volume \"v\" exceeds the limit \"1Ki\". "), volumes.overLimit("pod-1"));
        mount(pod);
        assertTrue(Files.exists(at.resolve("g")));
    }

    @Test
    void unmountRemovesWhatThePodHadAndNothingElse() throws Exception {
        Path outside = Files.createDirectories(home.resolve("outside"));
        Files.writeString(outside.resolve("precious"), "x");
        objects.secret("s", "Opaque", Map.of("p", "hush"));
        Pod pod = with("{'name':'v','emptyDir':{}},{'name':'s','secret':{'secretName':'s'}},{'name':'h','hostPath':{'path':'" + outside + "'}}",
                "{'name':'v','mountPath':'/m'},{'name':'s','mountPath':'/s'},{'name':'h','mountPath':'/h'}");
        Path at = mount(pod);
        Files.createSymbolicLink(at.resolve("out"), outside);
        Path locked = Files.createDirectory(at.resolve("locked"));
        Files.writeString(locked.resolve("f"), "x");
        Files.setPosixFilePermissions(locked, PosixFilePermissions.fromString("---------"));
        volumes.unmount("pod-1").toCompletableFuture().get();
        assertFalse(Files.exists(home.resolve("data/pods/pod-1")));
        assertFalse(Files.exists(home.resolve("run/pods/pod-1")));
        assertTrue(Files.exists(outside.resolve("precious")));
        objects.secret("s", "Opaque", Map.of("p", "new"));
        volumes.unmount("pod-1").toCompletableFuture().get();
        assertFalse(Files.exists(home.resolve("run/pods/pod-1")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"../x", "..", "", "a/b", "/etc"})
    void unmountTakesNoPathForAUid(String uid) throws IOException {
        Files.createDirectories(home.resolve("data/x/volumes"));
        assertThrows(ExecutionException.class, () -> volumes.unmount(uid).toCompletableFuture().get());
        assertTrue(Files.exists(home.resolve("data/x/volumes")));
    }

    @Test
    void checksAndMakesHostPathsByTheirType() throws Exception {
        Path file = Files.writeString(home.resolve("file"), "x");
        Path folder = Files.createDirectory(home.resolve("folder"));
        Path socket = home.resolve("sock");
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        Map<String, Path> good = Map.of("", file, "File", file, "Directory", folder, "DirectoryOrCreate", home.resolve("new/deep"),
                "FileOrCreate", home.resolve("fresh"), "Socket", socket, "CharDevice", Path.of("/dev/null"));
        for (Map.Entry<String, Path> each : good.entrySet()) {
            assertEquals(each.getValue(), mount(hostPath("g" + each.getKey(), each.getValue(), each.getKey())));
        }
        assertTrue(Files.isDirectory(home.resolve("new/deep")) && Files.isRegularFile(home.resolve("fresh")));
        Map<String, String> bad = Map.of("Directory", "is not a directory", "Socket", "is not a socket file", "CharDevice", "is not a character device",
                "BlockDevice", "is not a block device", "DirectoryOrCreate", "is not a directory");
        for (Map.Entry<String, String> each : bad.entrySet()) {
            assertEquals("MountVolume.SetUp failed for volume \"v\" : hostPath type check failed: " + file + " " + each.getValue(),
                    failure(hostPath("b" + each.getKey(), file, each.getKey())));
        }
        server.close();
    }

    private static Pod hostPath(String uid, Path path, String type) {
        return pod(uid, "{}", "{'volumes':[{'name':'v','hostPath':{'path':'" + path + "','type':'" + type
                + "'}}],'containers':[{'name':'c','volumeMounts':[{'name':'v','mountPath':'/m'}]}]}");
    }

    @Test
    void neverMountsTheGatewaysOwnFoldersAndOnlyWhatTheOwnerAllows() throws Exception {
        Files.createDirectories(home.resolve("data/keys"));
        Files.createSymbolicLink(home.resolve("trick"), home.resolve("data"));
        assertTrue(failure(hostPath("p1", home.resolve("data/keys"), "")).endsWith("lies in the gateway's own folder " + home.resolve("data")));
        assertTrue(failure(hostPath("p2", home.resolve("trick/keys"), "")).contains("lies in the gateway's own folder"));
        volumes.close();
        volumes = new Volumes(objects, TestPods.NODE, events, io, timer, folders, new VolumeSettings(List.of(home.resolve("shared")), List.of()));
        Files.createDirectories(home.resolve("shared/a"));
        Files.createSymbolicLink(home.resolve("shared/out"), Path.of("/usr"));
        mount(hostPath("p3", home.resolve("shared/a"), "Directory"));
        assertTrue(failure(hostPath("p4", home.resolve("sharedX"), "DirectoryOrCreate")).contains("is not allowed on this gateway"));
        assertTrue(failure(hostPath("p5", home.resolve("shared/out/bin"), "Directory")).contains("is not allowed on this gateway"));
        assertFalse(Files.exists(home.resolve("sharedX")));
    }

    @Test
    void subPathsAreMadeAndStayInside() throws Exception {
        objects.configMap("m", Map.of("app.conf", "1"));
        Pod pod = with("{'name':'v','emptyDir':{}},{'name':'m','configMap':{'name':'m'}}", "{'name':'v','mountPath':'/m'},{'name':'m','mountPath':'/c'}");
        Path at = mount(pod);
        Files.createSymbolicLink(at.resolve("evil"), Path.of("/etc"));
        Files.createSymbolicLink(at.resolve("nowhere"), home.resolve("absent"));
        assertEquals(at.toRealPath().resolve("logs/a"), one(pod, "{'name':'v','mountPath':'/x','subPath':'logs/a'}").hostPath());
        assertTrue(Files.isDirectory(at.resolve("logs/a")));
        assertEquals(at.toRealPath().resolve("n-7"), one(pod, "{'name':'v','mountPath':'/x','subPathExpr':'n-$(N)'}").hostPath());
        for (String bad : List.of("../x", "/etc", "a/../../x", "evil", "evil/passwd", "nowhere", "nowhere/x")) {
            String message = assertThrows(WorkloadException.class, () -> one(pod, "{'name':'v','mountPath':'/x','subPath':'" + bad + "'}")).getMessage();
            assertTrue(message.startsWith("volume \"v\": subPath \"" + bad + "\""), message);
        }
        assertFalse(Files.exists(home.resolve("absent")));
        assertThrows(WorkloadException.class, () -> one(pod, "{'name':'v','mountPath':'/x','subPathExpr':'$(NO)'}"));
        assertThrows(WorkloadException.class, () -> one(pod, "{'name':'absent','mountPath':'/x'}"));

        Path conf = one(pod, "{'name':'m','mountPath':'/etc/app.conf','subPath':'app.conf'}").hostPath();
        objects.configMap("m", Map.of("app.conf", "2"));
        await("the change through subPath", () -> Files.readString(conf).equals("2"));
    }

    private Mount one(Pod pod, String mount) throws WorkloadException {
        return volumes.mounts(pod, json("{'name':'c','volumeMounts':[" + mount + "]}"), Map.of("N", "7")).get(0);
    }

    @Test
    void onlyVolumesThatAContainerMountsAreMade() throws Exception {
        Pod pod = with("{'name':'v','emptyDir':{}},{'name':'unused','nfs':{'server':'x','path':'/'}}");
        assertTrue(Files.isDirectory(mount(pod)));
    }

    @Test
    void aChangeDuringTheMountIsNotLost() throws Exception {
        for (int round = 0; round < 50; round++) {
            objects.configMap("m", Map.of("a", "old" + round));
            Pod pod = pod("race-" + round, "{}", "{'volumes':[{'name':'v','configMap':{'name':'m'}}],'containers':[{'name':'c','volumeMounts':"
                    + "[{'name':'v','mountPath':'/m'}]}]}");
            var mounting = volumes.mount(pod).toCompletableFuture();
            objects.configMap("m", Map.of("a", "new" + round));
            mounting.get(5, TimeUnit.SECONDS);
            Path file = volumes.mounts(pod, pod.containers().get(0)).get(0).hostPath().resolve("a");
            String expected = "new" + round;
            await("the change", () -> Files.readString(file).equals(expected));
            volumes.unmount(pod.uid()).toCompletableFuture().get();
        }
    }
}
