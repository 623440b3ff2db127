package io.kelp.kubeapi.internal.crd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.MemoryApiStore;
import io.kelp.kubeapi.internal.patch.FieldManager;
import io.kelp.kubeapi.internal.resource.ResourceCatalog;
import io.kelp.kubeapi.internal.resource.ResourceType;
import io.kelp.kubeapi.internal.rest.StoredObjects;
import io.kelp.kubeapi.internal.schema.StructuralRules;
import java.time.InstantSource;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CustomTypesTest {

    private final MemoryApiStore store = new MemoryApiStore();
    private CustomTypes types;
    private ResourceCatalog catalog;
    private StoredObjects objects;

    @BeforeEach
    void start() {
        StructuralRules schemas = new StructuralRules();
        types = new CustomTypes(schemas, InstantSource.system());
        catalog = new ResourceCatalog(List.of(types.definitionType()));
        objects = new StoredObjects(store, catalog, new FieldManager(), schemas, InstantSource.system());
        types.start(store, catalog, objects);
    }

    @AfterEach
    void stop() {
        types.close();
    }

    @Test
    void servesADefinitionBeforeItsWriteReturns() throws ApiException {
        create("things.example.com");
        assertTrue(catalog.find("example.com", "v1", "things").isPresent());
        await("Established", () -> established("things.example.com"));
        assertEquals("[\"v1\"]", definition("things.example.com").getAsJsonObject("status").get("storedVersions").toString());
    }

    @Test
    void givesNamesToWhoCameFirst() throws ApiException {
        create("things.example.com");
        await("Established", () -> established("things.example.com"));
        JsonObject second = Definitions.of("others.example.com", schema());
        second.getAsJsonObject("spec").getAsJsonObject("names").addProperty("kind", "Thing");
        objects.create(types.definitionType(), second, "test");
        assertFalse(catalog.find("example.com", "v1", "others").isPresent());
        await("a conflict", () -> condition("others.example.com", "NamesAccepted").contains("ListKindConflict"));
        objects.delete(types.definitionType(), "", "things.example.com", "", "");
        await("names that became free", () -> established("others.example.com"));
        assertTrue(catalog.find("example.com", "v1", "others").isPresent());
    }

    @Test
    void keepsNumbersAsGoDoes() {
        JsonObject object = JsonParser.parseString("""
                {"a": 6.0, "b": [1e2, 2.50, 1E-7], "c": {"d": 12345678901234567890}, "e": 7, "f": 1e21, "g": "6.0"}""").getAsJsonObject();
        assertEquals("{\"a\":6,\"b\":[100,2.5,1e-7],\"c\":{\"d\":12345678901234567000},\"e\":7,\"f\":1e+21,\"g\":\"6.0\"}",
                new CustomRules("things.example.com", List.of(), null, "", false).normalize(object).toString());
    }

    @Test
    void showsWhatIsNoNumberOfReplicasAsGoDoes() {
        JsonObject object = JsonParser.parseString("""
                {"spec": {"count": {"b": [1, "x"], "a": null}}}""").getAsJsonObject();
        assertEquals("Invalid value: 0: .spec.count accessor error: map[a:<nil> b:[1 x]] is of the type map[string]interface {}, expected int64",
                new ReplicaScale(".spec.count", ".status.count", "").validate(object).get(0).message());
    }

    @Test
    void stopsServingAVersionWithTheWriteThatSaysSo() throws ApiException {
        create("things.example.com");
        objects.update(types.definitionType(), "", "things.example.com", "", "test", definition -> {
            Definitions.version(definition).addProperty("served", false);
            return definition;
        });
        assertFalse(catalog.find("example.com", "v1", "things").isPresent());
    }

    @Test
    void removesTheObjectsOfADefinitionThatGoes() throws ApiException {
        create("things.example.com");
        await("Established", () -> established("things.example.com"));
        ResourceType things = catalog.find("example.com", "v1", "things").orElseThrow();
        objects.delete(types.definitionType(), "", "things.example.com", "", "");
        await("gone", () -> objects.get(types.definitionType(), "", "things.example.com").isEmpty());
        assertFalse(catalog.find("example.com", "v1", "things").isPresent());
        assertEquals(0, store.get(things.key("a", "b")).stream().count());
    }

    @Test
    void looksOnceASecondAtADefinitionWhoseObjectsStayHoweverOftenItChanges() throws Exception {
        JsonObject clusterScoped = Definitions.of("things.example.com", schema());
        clusterScoped.getAsJsonObject("spec").addProperty("scope", "Cluster");
        objects.create(types.definitionType(), clusterScoped, "test");
        await("Established", () -> established("things.example.com"));
        ResourceType things = catalog.find("example.com", "v1", "things").orElseThrow();
        objects.create(things, JsonParser.parseString("""
                {"metadata": {"name": "t", "finalizers": ["example.com/stay"]}}""").getAsJsonObject(), "test");
        objects.delete(types.definitionType(), "", "things.example.com", "", "");
        await("being removed", () -> condition("things.example.com", "Terminating").contains("InstanceDeletionInProgress"));
        for (int i = 0; i < 50; i++) {
            String value = Integer.toString(i);
            objects.update(types.definitionType(), "", "things.example.com", "", "test", definition -> {
                JsonObject labels = new JsonObject();
                labels.addProperty("n", value);
                definition.getAsJsonObject("metadata").add("labels", labels);
                return definition;
            });
        }
        await("one look to come", () -> types.pending() == 1);
        objects.update(things, "", "t", "", "test", thing -> {
            thing.getAsJsonObject("metadata").remove("finalizers");
            return thing;
        });
        await("gone", () -> objects.get(types.definitionType(), "", "things.example.com").isEmpty());
    }

    @Test
    void servesAfterARestartWhatWasStored() throws ApiException {
        create("things.example.com");
        types.close();
        start();
        assertTrue(catalog.find("example.com", "v1", "things").isPresent());
    }

    @Test
    void refusesSchemasThatNestWithoutEnd() {
        JsonObject schema = schema();
        for (int i = 0; i < 300; i++) {
            JsonObject around = schema();
            around.getAsJsonObject("properties").add("x", schema);
            schema = around;
        }
        JsonObject deep = schema;
        assertThrows(ApiException.class, () -> objects.create(types.definitionType(), Definitions.of("things.example.com", deep), "test"));
    }

    private void create(String name) throws ApiException {
        objects.create(types.definitionType(), Definitions.of(name, schema()), "test");
    }

    private static JsonObject schema() {
        return JsonParser.parseString("{\"type\":\"object\",\"properties\":{\"spec\":{\"type\":\"object\"}}}").getAsJsonObject();
    }

    private JsonObject definition(String name) {
        return objects.get(types.definitionType(), "", name).orElseThrow();
    }

    private boolean established(String name) {
        return condition(name, "Established").contains("InitialNamesAccepted");
    }

    private String condition(String name, String type) {
        return objects.get(types.definitionType(), "", name).flatMap(d -> Conditions.find(d.getAsJsonObject("status"), type)).map(JsonObject::toString).orElse("");
    }

    private static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + 20_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, "Waited 20 s for " + what);
            Thread.onSpinWait();
        }
    }
}
