package io.kelp.edged.internal.pod;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Pods with anything anywhere: they may fail, but nothing is thrown on the loop, and an honest pod beside them runs. */
class HostilePodTest {

    private static final String WHOLE = """
            {'metadata':{'namespace':'default','name':'bad','uid':'u1','generation':3,'annotations':{'a':'b'},'labels':{'x':'y'},
              'deletionGracePeriodSeconds':null},
             'spec':{'runtimeClassName':'osgi','restartPolicy':'OnFailure','terminationGracePeriodSeconds':5,'activeDeadlineSeconds':500,'hostNetwork':true,
              'readinessGates':[{'conditionType':'g'}],'overhead':{'memory':'1Mi'},
              'initContainers':[{'name':'i','image':'a:1','restartPolicy':'Always'}],
              'containers':[{'name':'c','image':'a:1','imagePullPolicy':'Always','ports':[{'containerPort':80,'name':'http','protocol':'TCP','hostPort':80}],
                'resources':{'requests':{'memory':'1Mi','cpu':'1'},'limits':{'memory':'2Mi'}},'volumeMounts':[{'name':'v','mountPath':'/v','readOnly':true}],
                'lifecycle':{'preStop':{'exec':{'command':['x']}},'postStart':{'sleep':{'seconds':1}}},
                'livenessProbe':{'terminationGracePeriodSeconds':3},'terminationMessagePolicy':'FallbackToLogsOnError'}]},
             'status':{'phase':'Running','startTime':'2026-11-20T10:00:00Z','qosClass':'Burstable',
              'conditions':[{'type':'PodScheduled','status':'True'},{'type':'g','status':'True'}],
              'containerStatuses':[{'name':'c','restartCount':3,'containerID':'x://1','imageID':'i','state':{'terminated':{'exitCode':1,'reason':'Error','startedAt':'2026-11-20T10:00:00Z'}},
                'lastState':{'terminated':{'exitCode':2}}}]}}""";

    @TempDir Path folder;

    static Stream<Long> seeds() {
        return Stream.iterate(1L, s -> s + 1).limit(60);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    @Tag("slow")
    void noPodHarmsTheOthers(long seed) {
        Random random = new Random(seed);
        PodNode node = new PodNode(folder.resolve("" + seed)).start();
        node.runtime.images.addAll(List.of("a:1", "reg/app:1"));
        Pod honest = PodNode.simple("web", "good");
        for (int i = 0; i < 4; i++) {
            JsonObject json = JsonParser.parseString(WHOLE).getAsJsonObject();
            for (int changes = random.nextInt(5) + 1; changes > 0; changes--) {
                json = (JsonObject) changed(json, random);
            }
            node.apply(new Pod("default", "bad", "u1", "" + i, json)).pass(random.nextInt(40));
        }
        node.apply(honest).pass(5);
        assertEquals("running", node.state(honest, "app"));
        node.remove(new Pod("default", "bad", "u1", "9", new JsonObject()));
        node.pass(1_000_000_000L);
        assertTrue(node.runtime.alive.keySet().stream().noneMatch(k -> k.contains("bad")), node.runtime.alive.keySet().toString());
    }

    /** The object with one value, at any depth, replaced by another kind of thing. */
    private static JsonElement changed(JsonElement element, Random random) {
        boolean here = random.nextInt(4) == 0;
        if (element instanceof JsonObject object && object.size() > 0 && (!here || object.has("spec"))) {
            List<String> names = List.copyOf(object.keySet());
            String name = names.get(random.nextInt(names.size()));
            JsonObject copy = object.deepCopy();
            copy.add(name, changed(object.get(name), random));
            return copy;
        }
        if (element instanceof JsonArray array && !array.isEmpty() && !here) {
            JsonArray copy = array.deepCopy();
            int at = random.nextInt(array.size());
            copy.set(at, changed(array.get(at), random));
            return copy;
        }
        return switch (random.nextInt(12)) {
            case 0 -> JsonNull.INSTANCE;
            case 1 -> new JsonPrimitive(-1);
            case 2 -> new JsonPrimitive(1e300);
            case 3 -> new JsonPrimitive(Long.MAX_VALUE);
            case 4 -> new JsonPrimitive("");
            case 5 -> new JsonPrimitive("../../../etc/passwd\n\0");
            case 6 -> new JsonPrimitive("x".repeat(100_000));
            case 7 -> new JsonPrimitive(true);
            case 8 -> new JsonArray();
            case 9 -> new JsonObject();
            case 10 -> PodNode.array("[[],{},null,5,'a']");
            default -> new JsonPrimitive("99999999999999999999");
        };
    }
}
