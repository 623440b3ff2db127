package io.kelp.edged.internal.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.edged.internal.fake.FakeLink;
import io.kelp.edged.internal.fake.FakeObjects;
import io.kelp.edged.internal.fake.FakeStore;
import io.kelp.edged.internal.fake.ManualTime;
import io.kelp.edged.internal.fake.Pods;
import io.kelp.edged.internal.pod.Pod;
import io.kelp.message.Message;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CloudStatusesTest {

    private static final String T1 = "2026-11-21T11:21:52Z";
    private static final String T2 = "2026-11-21T11:22:52Z";

    private final ManualTime time = new ManualTime();
    private final FakeLink link = new FakeLink();
    private final FakeObjects objects = new FakeObjects();
    private final FakeStore store = new FakeStore();
    private final List<String> gone = new ArrayList<>();
    private CloudStatuses statuses;

    @BeforeEach
    void start() {
        statuses = new CloudStatuses(link, objects, store, time, (namespace, name, uid) -> gone.add(uid), time::nanos);
    }

    private void connect() {
        link.up();
        statuses.connected();
        time.settle();
    }

    private void cut() {
        statuses.disconnected();
        link.down();
        time.settle();
    }

    private Pod known(String name, String uid) {
        JsonObject json = Pods.json(name, uid, 1);
        objects.push("pod", json);
        return new Pod("default", name, uid, "1", json);
    }

    private static JsonObject patch(Message message) {
        return JsonParser.parseString(message.content().getAsString()).getAsJsonObject();
    }

    private void report(Pod pod, String phase, boolean ready, String when) {
        statuses.report(pod, Pods.status(phase, ready, when), Map.of());
        time.settle();
    }

    @Test
    void aChangeIsPatchedAtOnce() {
        Pod pod = known("a", "u1");
        connect();
        report(pod, "Running", true, T1);
        Message message = link.taken().get(0);
        assertEquals("edged meta patch default/podpatch/a",
                message.source() + " " + message.group() + " " + message.operation() + " " + message.resource());
        assertTrue(message.content().getAsString().startsWith("{\"metadata\":{\"uid\":\"u1\"},\"status\":{"), message.toString());
        assertEquals("Running", patch(message).getAsJsonObject("status").get("phase").getAsString());
    }

    @Test
    void whatChangesWhileAPatchIsUnderWayGoesIntoTheNextOne() {
        Pod pod = known("a", "u1");
        connect();
        report(pod, "Running", false, T1);
        report(pod, "Running", true, T1);
        report(pod, "Running", true, T2);
        assertEquals(1, link.taken().size());
        link.accept(Pods.with(pod.json(), Pods.status("Running", false, T1), 2));
        time.settle();
        Message second = link.taken().get(0);
        assertEquals("{\"$setElementOrder/conditions\":[{\"type\":\"Ready\"}],\"conditions\":[{\"lastTransitionTime\":\"" + T2
                + "\",\"status\":\"True\",\"type\":\"Ready\"}]}", patch(second).getAsJsonObject("status").toString());
        link.accept(Pods.with(pod.json(), Pods.status("Running", true, T2), 3));
        time.settle();
        assertEquals(List.of(), link.taken());
    }

    @Test
    void theSameStatusIsNeitherSentNorStoredAgain() {
        Pod pod = known("a", "u1");
        connect();
        report(pod, "Running", true, T1);
        link.accept(Pods.with(pod.json(), Pods.status("Running", true, T1), 2));
        time.settle();
        int writes = store.writes;
        report(pod, "Running", true, T1);
        assertEquals(1, link.taken().size());
        assertEquals(writes, store.writes);
    }

    @Test
    void statusesOfAnOutageAreSentInTheOrderOfTheirFirstChangeAndOnlyTheNewest() {
        List<Pod> pods = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            pods.add(known("p" + i, "u" + i));
        }
        for (int i = 19; i >= 0; i--) {
            report(pods.get(i), "Running", false, T1);
        }
        report(pods.get(19), "Running", true, T2);
        connect();
        List<String> order = new ArrayList<>();
        while (!link.open.isEmpty()) {
            assertTrue(link.open.size() <= 8, "bounded");
            Message oldest = link.oldest();
            order.add(oldest.resource());
            String name = oldest.resource().substring("default/podpatch/".length());
            link.accept(Pods.with(objects.get("pod", "default", name).orElseThrow().json(),
                    Pods.status("Running", name.equals("p19"), name.equals("p19") ? T2 : T1), 100));
            time.settle();
        }
        assertEquals(20, order.size());
        for (int i = 0; i < 20; i++) {
            assertEquals("default/podpatch/p" + (19 - i), order.get(i));
        }
    }

    @Test
    void theLastStatusSurvivesARestartAndIsSentThen() {
        Pod pod = known("a", "u1");
        report(pod, "Running", true, T1);
        statuses.close();
        start();
        assertEquals(Pods.status("Running", true, T1), statuses.last("u1").orElseThrow());
        connect();
        assertEquals("default/podpatch/a", link.taken().get(0).resource());
    }

    @Test
    void afterARestartNothingIsSentThatTheCloudHas() {
        Pod pod = known("a", "u1");
        report(pod, "Running", true, T1);
        objects.push("pod", Pods.with(pod.json(), Pods.status("Running", true, T1), 5));
        statuses.close();
        start();
        connect();
        assertEquals(List.of(), link.taken());
    }

    @Test
    void whatSomebodyElseWritesIsPutRight() {
        Pod pod = known("a", "u1");
        connect();
        report(pod, "Running", true, T1);
        link.accept(Pods.with(pod.json(), Pods.status("Running", true, T1), 2));
        time.settle();
        link.taken();
        objects.push("pod", Pods.with(pod.json(), Pods.status("Running", false, T2), 3));
        time.settle();
        assertEquals("True", patch(link.taken().get(0)).getAsJsonObject("status").getAsJsonArray("conditions").get(0)
                .getAsJsonObject().get("status").getAsString());
    }

    @Test
    void conditionsAndMembersOfOthersAreLeftAlone() {
        Pod pod = known("a", "u1");
        connect();
        JsonObject cloud = Pods.with(pod.json(), JsonParser.parseString("{'phase':'Running','nominatedNodeName':'n','conditions':["
                + "{'type':'example.com/gate','status':'True'},{'type':'Ready','status':'True','lastTransitionTime':'" + T1 + "'}]}").getAsJsonObject(), 2);
        objects.push("pod", cloud);
        report(pod, "Running", true, T1);
        assertEquals(List.of(), link.taken());
    }

    @Test
    void aFormThatTheApiServerDoesNotKeepIsNotSentForEver() {
        Pod pod = known("a", "u1");
        connect();
        JsonObject status = Pods.status("Running", true, T1);
        status.addProperty("startTime", "2026-11-21T11:21:52.123Z");
        statuses.report(pod, status, Map.of());
        time.settle();
        JsonObject kept = status.deepCopy();
        kept.addProperty("startTime", "2026-11-21T11:21:52Z");
        for (int version = 2; version < 10 && !link.open.isEmpty(); version++) {
            link.accept(Pods.with(pod.json(), kept, version));
            objects.push("pod", Pods.with(pod.json(), kept, version));
            time.pass(Duration.ofSeconds(1));
        }
        assertEquals(1, link.taken().size());
    }

    @Test
    void aPodThatCrashesAgainAndAgainGetsAFewPatchesAMinute() {
        Pod pod = known("a", "u1");
        connect();
        int sent = 0;
        JsonObject cloud = pod.json();
        for (int second = 0; second < 300; second++) {
            JsonObject status = Pods.status("Running", second % 2 == 0, T1);
            status.addProperty("message", "crash " + second);
            statuses.report(pod, status, Map.of());
            time.pass(Duration.ofSeconds(1));
            if (!link.open.isEmpty()) {
                sent++;
                cloud = Pods.with(cloud, statuses.last("u1").orElseThrow(), 2 + second);
                link.accept(cloud);
                time.settle();
            }
        }
        assertTrue(sent >= 30 && sent <= 8 + 31, "patches in five minutes: " + sent);
    }

    @Test
    void aDeletedPodIsDeletedAfterItsLastStatusHasArrived() {
        Pod pod = known("a", "u1");
        connect();
        JsonObject last = Pods.status("Succeeded", false, T2);
        statuses.ended(pod, last);
        time.settle();
        assertEquals("default/podpatch/a", link.taken().get(0).resource());
        link.accept(Pods.with(pod.json(), last, 2));
        time.settle();
        Message delete = link.taken().get(0);
        assertEquals("delete default/pod/a", delete.operation() + " " + delete.resource());
        assertEquals("{\"gracePeriodSeconds\":0,\"preconditions\":{\"uid\":\"u1\"}}", delete.content().toString());
        link.say("OK");
        time.settle();
        assertTrue(statuses.last("u1").isEmpty());
        assertEquals(List.of(), gone);
    }

    @Test
    void aDeletionIsRepeatedUntilItIsConfirmedAlsoAfterARestart() {
        Pod pod = known("a", "u1");
        JsonObject last = Pods.status("Succeeded", false, T2);
        objects.push("pod", Pods.with(pod.json(), last, 2));
        connect();
        statuses.ended(pod, last);
        time.settle();
        assertEquals("delete", link.taken().get(0).operation());
        cut();
        statuses.close();
        start();
        connect();
        // Whether the deletion was made is not known, but the status needs no patch: the copy is from the cloud.
        assertEquals("delete", link.taken().get(0).operation());
        link.refuse("InternalError", "etcd is away");
        time.pass(Duration.ofSeconds(2));
        while (!link.open.isEmpty() && link.oldest().operation().equals("patch")) {
            link.accept(Pods.with(pod.json(), last, 3));
            time.settle();
        }
        link.refuse("NotFound", "pods a not found");
        time.settle();
        assertTrue(statuses.last("u1").isEmpty());
    }

    @Test
    void theDeletionThatTheCloudShowsEndsTheDeletionOfOurs() {
        Pod pod = known("a", "u1");
        statuses.ended(pod, Pods.status("Succeeded", false, T2));
        time.settle();
        objects.delete("pod", "default", "a");
        time.settle();
        connect();
        assertEquals(List.of(), link.taken());
        assertTrue(statuses.last("u1").isEmpty());
    }

    @Test
    void aPodThatTheApiServerDoesNotHaveIsTold() {
        for (String[] refusal : new String[][] {{"NotFound", "pods \\\"a\\\" not found"},
            {"Conflict", "Precondition failed: UID in precondition: u1, UID in object meta: u2"}}) {
            Pod pod = known("a", "u1");
            connect();
            report(pod, "Running", true, T1);
            link.refuse(refusal[0], refusal[1]);
            time.settle();
            assertEquals(List.of("u1"), gone);
            assertTrue(statuses.last("u1").isEmpty());
            gone.clear();
            link.taken();
        }
    }

    @Test
    void aConflictOfWritersIsNoLostPod() {
        Pod pod = known("a", "u1");
        connect();
        report(pod, "Running", true, T1);
        link.refuse("Conflict", "the object has been modified");
        time.settle();
        assertEquals(List.of(), gone);
        assertEquals(1, link.taken().size());
        time.pass(Duration.ofSeconds(1));
        JsonObject whole = patch(link.taken().get(0)).getAsJsonObject("status");
        assertTrue(whole.get("message").isJsonNull(), "what the cloud has is not known now, so everything is said");
        assertEquals("Running", whole.get("phase").getAsString());
    }

    @Test
    void refusalsAreRepeatedEverMoreSeldom() {
        Pod pod = known("a", "u1");
        connect();
        report(pod, "Running", true, T1);
        int sent = 1;
        for (int second = 0; second < 3600; second++) {
            if (!link.open.isEmpty()) {
                link.refuse("Invalid", "status is wrong");
                sent++;
            }
            time.pass(Duration.ofSeconds(1));
        }
        assertTrue(sent > 12 && sent < 30, "tries in an hour: " + sent);
    }

    @Test
    void aBrokenLinkLosesNothingAndIsNotHammered() {
        Pod pod = known("a", "u1");
        connect();
        report(pod, "Running", true, T1);
        cut();
        assertEquals(1, link.taken().size());
        time.pass(Duration.ofHours(1));
        assertEquals(List.of(), link.taken());
        connect();
        assertEquals(1, link.taken().size());
    }

    @Test
    void annotationsGoIntoTheSamePatchAndOnlyWhenTheyDiffer() {
        Pod pod = known("a", "u1");
        connect();
        statuses.report(pod, Pods.status("Running", true, T1), Map.of("kelp.io/ports", "{}"));
        time.settle();
        assertEquals("{\"uid\":\"u1\",\"annotations\":{\"kelp.io/ports\":\"{}\"}}", patch(link.taken().get(0)).get("metadata").toString());
        JsonObject answer = Pods.with(pod.json(), Pods.status("Running", true, T1), 2);
        answer.getAsJsonObject("metadata").add("annotations", JsonParser.parseString("{'kelp.io/ports':'{}','other':'1'}"));
        link.accept(answer);
        time.settle();
        assertEquals(List.of(), link.taken());
    }

    @Test
    void anAnswerUpdatesTheCopyUnlessItIsOlderOrThePodIsLeaving() {
        Pod pod = known("a", "u1");
        connect();
        report(pod, "Running", true, T1);
        link.accept(Pods.with(pod.json(), Pods.status("Running", true, T1), 7));
        time.settle();
        assertEquals(1, objects.puts);
        assertEquals("7", objects.get("pod", "default", "a").orElseThrow().resourceVersion());
        report(pod, "Running", false, T2);
        objects.push("pod", Pods.with(pod.json(), Pods.status("Running", false, T2), 9));
        link.accept(Pods.with(pod.json(), Pods.status("Running", false, T2), 8));
        time.settle();
        assertEquals(1, objects.puts);
        report(pod, "Running", true, T2);
        objects.delete("pod", "default", "a");
        link.accept(Pods.with(pod.json(), Pods.status("Running", true, T2), 10));
        time.settle();
        assertTrue(objects.get("pod", "default", "a").isEmpty(), "an answer must not bring a deleted pod back");
    }

    @Test
    void theStatusOfAStaticPodGoesToItsMirror() {
        JsonObject own = Pods.json("s", "hash1", 1);
        own.getAsJsonObject("metadata").add("annotations", JsonParser.parseString("{'kubernetes.io/config.source':'file'}"));
        Pod pod = new Pod("default", "s", "hash1", "", own);
        connect();
        report(pod, "Running", true, T1);
        assertEquals(List.of(), link.taken());
        JsonObject mirror = Pods.json("s", "api-uid", 4);
        mirror.getAsJsonObject("metadata").add("annotations", JsonParser.parseString("{'kubernetes.io/config.mirror':'hash1'}"));
        objects.push("pod", mirror);
        time.settle();
        assertEquals("api-uid", patch(link.taken().get(0)).getAsJsonObject("metadata").get("uid").getAsString());
        link.refuse("NotFound", "gone");
        time.settle();
        assertEquals(List.of(), gone);
        assertFalse(statuses.last("hash1").isEmpty());
    }

    @Test
    void aStaticPodWhoseManifestWentWhileTheGatewayWasOffIsForgotten() {
        JsonObject json = Pods.json("s", "hash1", 0);
        json.getAsJsonObject("metadata").add("annotations", JsonParser.parseString("{'kubernetes.io/config.source':'file'}"));
        report(new Pod("default", "s", "hash1", "", json), "Running", true, T1);
        Pod going = known("a", "u1");
        statuses.ended(going, Pods.status("Succeeded", false, T1));
        time.settle();
        statuses.retainStatic(Set.of("hash2"));
        assertTrue(statuses.last("hash1").isEmpty());
        assertTrue(statuses.last("u1").isPresent(), "its deletion is still to be brought to the cloud");
    }

    @Test
    void nothingIsPlannedWhenAllIsSaid() {
        Pod pod = known("a", "u1");
        connect();
        report(pod, "Running", true, T1);
        link.accept(Pods.with(pod.json(), Pods.status("Running", true, T1), 2));
        time.settle();
        time.pass(Duration.ofMinutes(1));
        assertEquals(0, time.planned());
    }
}
