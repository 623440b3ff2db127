package io.kelp.edged.internal.env;

import static io.kelp.edged.internal.env.TestPods.json;
import static io.kelp.edged.internal.env.TestPods.pod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.edged.WorkloadException;
import io.kelp.edged.internal.pod.ContainerEnvironment.Resolved;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnvironmentsTest {

    private final TestObjects objects = new TestObjects();
    private final TestPods.Events events = new TestPods.Events();
    private final Environments environments = new Environments(objects, TestPods.NODE, events);

    private Resolved resolve(String container) throws Exception {
        return environments.of(pod("{'nodeName':'edge-1','serviceAccountName':'robot','containers':[" + container + ",{'name':'other','resources':{"
                + "'limits':{'memory':'10Mi'}}}]}"), json(container)).toCompletableFuture().get();
    }

    private String failure(String container) {
        WorkloadException e = (WorkloadException) assertThrows(ExecutionException.class, () -> resolve(container)).getCause();
        assertEquals("CreateContainerConfigError", e.reason());
        return e.getMessage();
    }

    private String env(String entries) throws Exception {
        return resolve("{'name':'c','env':[" + entries + "]}").env().toString();
    }

    @Test
    void expandsValuesCommandsAndArgumentsWithWhatCameBefore() throws Exception {
        Resolved r = resolve("{'name':'c','command':['run','$(A)','$$(A)','$(NO)'],'args':['-x=$(B)'],"
                + "'env':[{'name':'A','value':'1'},{'name':'B','value':'$(A)$(C)'},{'name':'C','value':'3'},{'name':'A2','value':'$$(A)'}]}");
        assertEquals("{A=1, B=1$(C), C=3, A2=$(A)}", r.env().toString());
        assertEquals(List.of("run", "1", "$(A)", "$(NO)"), r.command());
        assertEquals(List.of("-x=1$(C)"), r.args());
    }

    @Test
    void variablesThatMultiplyEachOtherAreStopped() {
        StringBuilder env = new StringBuilder("{'name':'V0','value':'0123456789'}");
        for (int i = 1; i < 40; i++) {
            env.append(",{'name':'V").append(i).append("','value':'$(V").append(i - 1).append(")$(V").append(i - 1).append(")'}");
        }
        assertEquals("argument list too long: variable V14 has more than 131072 characters", failure("{'name':'c','env':[" + env + "]}"));
    }

    @Test
    void allTogetherHaveAMebibyte() throws Exception {
        String value = "x".repeat(128 << 10);
        StringBuilder env = new StringBuilder("{'name':'V0','value':'" + value + "'}");
        for (int i = 1; i < 8; i++) {
            env.append(",{'name':'V").append(i).append("','value':'$(V0)'}");
        }
        assertEquals(8, resolve("{'name':'c','env':[" + env + "]}").env().size());
        assertEquals("argument list too long: environment, command and arguments have more than 1048576 characters",
                failure("{'name':'c','args':['$(V0)'],'env':[" + env + "]}"));
        assertEquals("argument list too long: a word of its command has more than 131072 characters",
                failure("{'name':'c','command':['" + value + "y']}"));
    }

    @Test
    void aMapThatIsTooLongForAVariableIsRefusedByItsName() {
        objects.configMap("big", Map.of("A", "y".repeat(200_000)));
        assertEquals("argument list too long: variable A has more than 131072 characters", failure("{'name':'c','envFrom':[{'configMapRef':{'name':'big'}}]}"));
    }

    @Test
    void takesWholeMapsFirstAndLetsSingleVariablesWin() throws Exception {
        objects.configMap("c1", Map.of("a", "1", "b", "1"));
        objects.secret("s1", "Opaque", Map.of("b", "2", "c", "zwei"));
        Resolved r = resolve("{'name':'c','envFrom':[{'configMapRef':{'name':'c1'}},{'prefix':'P_','configMapRef':{'name':'c1'}},{'secretRef':{'name':'s1'}}],"
                + "'env':[{'name':'c','value':'own'},{'name':'d','value':'$(b)$(P_a)'}]}");
        assertEquals("{a=1, b=2, P_a=1, P_b=1, c=own, d=21}", r.env().toString());
        assertTrue(events.said.isEmpty());
    }

    @Test
    void skipsNamesThatNoEnvironmentCanHaveAndSaysSo() throws Exception {
        objects.configMap("c1", Map.of("good", "1", "1bad", "2", "..", "3", "with space", "4", "a=b", "5", ".ok", "6"));
        assertEquals("{.ok=6, good=1}", resolve("{'name':'c','envFrom':[{'configMapRef':{'name':'c1'}}]}").env().toString());
        assertEquals(List.of("Warning InvalidEnvironmentVariableNames Keys [.., 1bad, a=b, with space] from the EnvFrom configMap default/c1 were skipped "
                + "since they are considered invalid environment variable names."), events.said);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "metadata.name | web", "metadata.namespace | default", "metadata.uid | pod-1", "metadata.labels['app'] | web",
        "metadata.annotations['absent'] | ''", "spec.nodeName | edge-1", "spec.serviceAccountName | robot", "status.podIP | 192.0.2.7",
        "status.hostIP | 192.0.2.7", "status.podIPs | 192.0.2.7", "status.hostIPs | 192.0.2.7"})
    void tellsFieldsOfThePod(String path, String value) throws Exception {
        Resolved r = environments.of(pod("{'serviceAccountName':'robot'}"), json("{'env':[{'name':'F','valueFrom':{'fieldRef':{'apiVersion':'v1','fieldPath':\""
                + path.replace("'", "\\u0027") + "\"}}}]}")).toCompletableFuture().get();
        assertEquals(value, r.env().get("F"));
    }

    @ParameterizedTest
    @CsvSource(nullValues = "-", value = {
        "limits.cpu,-,-,2", "limits.cpu,1m,-,1500", "limits.cpu,1n,-,1500", "limits.memory,-,-,67108864", "limits.memory,1Mi,-,64", "limits.memory,1Gi,-,1",
        "limits.memory,1M,-,68", "requests.cpu,1m,-,250", "requests.cpu,-,-,1", "requests.memory,-,-,0", "limits.memory,1Mi,other,10",
        "limits.cpu,1m,other,3900", "limits.ephemeral-storage,1Gi,-,4", "requests.ephemeral-storage,-,-,0"})
    void tellsResourcesInUnitsOfTheDivisorOrTheNodesWhenThereIsNoLimit(String resource, String divisor, String container, String value) throws Exception {
        assertEquals(value, resolve("{'name':'c','resources':{'limits':{'cpu':'1500m','memory':'64Mi'},'requests':{'cpu':'250m'}},"
                + "'env':[{'name':'R','valueFrom':{'resourceFieldRef':{'resource':'" + resource + "'" + (divisor == null ? "" : ",'divisor':'" + divisor + "'")
                + (container == null ? "" : ",'containerName':'" + container + "'") + "}}}]}").env().get("R"));
    }

    @Test
    void takesKeysOfMapsAndSecrets() throws Exception {
        objects.configMap("m", Map.of("k", "v"));
        objects.secret("s", "Opaque", Map.of("k", "päss"));
        assertEquals("{A=v, B=päss, C=v/päss}", env("{'name':'A','valueFrom':{'configMapKeyRef':{'name':'m','key':'k'}}},"
                + "{'name':'B','valueFrom':{'secretKeyRef':{'name':'s','key':'k'}}},{'name':'C','value':'$(A)/$(B)'}"));
    }

    @Test
    void leavesOutWhatIsOptionalAndAbsent() throws Exception {
        objects.configMap("m", Map.of("k", "v"));
        assertEquals("{Z=z}", env("{'name':'A','valueFrom':{'configMapKeyRef':{'name':'m','key':'no','optional':true}}},"
                + "{'name':'B','valueFrom':{'secretKeyRef':{'name':'no','key':'k','optional':true}}},{'name':'Z','value':'z'}"));
        objects.online = false;
        assertEquals("{}", resolve("{'name':'c','envFrom':[{'secretRef':{'name':'never-seen','optional':true}}]}").env().toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{'name':'A','valueFrom':{'configMapKeyRef':{'name':'m','key':'no'}}} | couldn't find key no in ConfigMap default/m",
        "{'name':'A','valueFrom':{'configMapKeyRef':{'name':'no','key':'k'}}} | configmap \"no\" not found",
        "{'name':'A','valueFrom':{'secretKeyRef':{'name':'no','key':'k'}}} | secret \"no\" not found",
        "{'name':'A','valueFrom':{'fieldRef':{'fieldPath':'status.phase'}}} | unsupported fieldPath: status.phase",
        "{'name':'A','valueFrom':{'resourceFieldRef':{'resource':'limits.gpu'}}} | unsupported container resource : limits.gpu",
        "{'name':'A','valueFrom':{'resourceFieldRef':{'resource':'limits.cpu','containerName':'x'}}} | container x not found",
        "{'name':'A','valueFrom':{'fileKeyRef':{'path':'x'}}} | the value of variable A comes from fileKeyRef, which this gateway does not know"})
    void saysWhatIsMissingAsKubeletDoes(String entry, String message) {
        objects.configMap("m", Map.of("k", "v"));
        assertEquals(message, failure("{'name':'c','env':[" + entry.replace('"', '\'') + "]}"));
    }

    @Test
    void saysWhyWithoutCloud() {
        objects.online = false;
        assertEquals("secret \"s\" cannot be had: there is no link to the cloud", failure("{'name':'c','envFrom':[{'secretRef':{'name':'s'}}]}"));
    }

    @Test
    void namesTheSecretThatIsNoBase64ButNotItsContent() {
        objects.change("secret", "s", json("{'metadata':{'name':'s'},'data':{'k':'!!hush!!'}}"));
        assertEquals("key k of default/secret/s is not base64", failure("{'name':'c','envFrom':[{'secretRef':{'name':'s'}}]}"));
    }
}
