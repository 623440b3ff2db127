package io.kelp.edged.internal.pod;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PodResourcesTest {

    @ParameterizedTest
    @CsvSource({"64Mi,1,67108864", "1G,1,1000000000", "1.5Gi,1,1610612736", "100,1,100", "1e3,1,1000", "12E2,1,1200", "0.5,0.001,500",
        "250m,0.001,250", "2,0.001,2000", "1m,1,1", "'',1,0", "nonsense,1,0", "-5,1,0", "99999999999999999E,1,9223372036854775807", "1.,1,1"})
    void quantitiesAreThoseOfKubernetes(String text, String unit, long expected) {
        assertEquals(expected, PodResources.quantity(text, unit));
    }

    @Test
    void initContainersCountOnlyAsFarAsTheyNeedMore() {
        String memory = "'resources':{'requests':{'memory':'%sMi'}}}";
        String containers = "'containers':[{'name':'a'," + memory.formatted(10) + ",{'name':'b'," + memory.formatted(20) + "]";
        assertEquals(30 << 20, PodResources.memoryRequest(PodNode.pod("p", "u", "{" + containers + "}")));
        assertEquals(50 << 20, PodResources.memoryRequest(PodNode.pod("p", "u", "{'initContainers':[{'name':'i'," + memory.formatted(50) + "]," + containers + "}")));
        assertEquals(35 << 20, PodResources.memoryRequest(PodNode.pod("p", "u",
                "{'initContainers':[{'name':'s','restartPolicy':'Always'," + memory.formatted(5) + "]," + containers + "}")));
        assertEquals(33 << 20, PodResources.memoryRequest(PodNode.pod("p", "u", "{'overhead':{'memory':'3Mi'}," + containers + "}")));
    }

    @Test
    void aLimitStandsForARequestThatIsNotSaid() {
        assertEquals(8 << 20, PodResources.memoryRequest(PodNode.pod("p", "u", "{'containers':[{'name':'a','resources':{'limits':{'memory':'8Mi'}}}]}")));
    }

    @Test
    void qosClassFollowsFromRequestsAndLimits() {
        String both = "'cpu':'1','memory':'1Gi'";
        assertEquals("BestEffort", qos("{}"));
        assertEquals("Burstable", qos("{'requests':{'cpu':'1'}}"));
        assertEquals("Guaranteed", qos("{'limits':{" + both + "}}"));
        assertEquals("Guaranteed", qos("{'limits':{" + both + "},'requests':{'cpu':'1000m','memory':'1024Mi'}}"));
        assertEquals("Burstable", qos("{'limits':{" + both + "},'requests':{'cpu':'500m'}}"));
    }

    private static String qos(String resources) {
        return PodResources.qosClass(PodNode.pod("p", "u", "{'containers':[{'name':'a','resources':" + resources + "}]}"));
    }
}
