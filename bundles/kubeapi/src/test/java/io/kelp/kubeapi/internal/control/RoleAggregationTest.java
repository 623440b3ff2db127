package io.kelp.kubeapi.internal.control;

import static io.kelp.kubeapi.internal.control.TestCluster.await;
import static io.kelp.kubeapi.internal.resource.TestTypes.CLUSTER_ROLES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.internal.resource.TestTypes;
import io.kelp.kubeapi.internal.resource.Trees;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RoleAggregationTest {

    private TestCluster cluster;

    @BeforeEach
    void start() throws ApiException {
        cluster = new TestCluster();
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    private List<JsonObject> rules(String role) {
        return Trees.objects(cluster.get(CLUSTER_ROLES, "", role), "rules");
    }

    @Test
    void adminHasTheRulesOfEditViewAndItsOwnInThatOrderWhenTheFirstRequestComes() {
        List<JsonObject> expected = new ArrayList<>(rules("system:aggregate-to-edit"));
        expected.addAll(rules("system:aggregate-to-view"));
        assertEquals(expected, rules("edit"));
        expected.addAll(rules("system:aggregate-to-admin"));
        assertEquals(expected, rules("admin"));
        assertTrue(expected.size() > 8);
    }

    @Test
    void followsRolesThatComeChangeAndGo() throws ApiException {
        String label = "{'labels':{'rbac.authorization.k8s.io/aggregate-to-view':'true'}}";
        int before = rules("admin").size();
        cluster.create(CLUSTER_ROLES, "", "devices", label);
        cluster.objects.update(CLUSTER_ROLES, "", "devices", "", "test", current -> {
            current.add("rules", TestTypes.json("{'r':[{'verbs':['get'],'apiGroups':['devices.kubeedge.io'],'resources':['devices']}]}").get("r"));
            return current;
        });
        await("one more for admin", () -> rules("view").size() == 4 && rules("admin").size() == before + 1);
        cluster.delete(CLUSTER_ROLES, "", "devices", "");
        await("one less", () -> rules("admin").size() == before && rules("view").size() == 3);
        await("idle", () -> cluster.housekeeping.pending() == 0);
    }
}
