package io.kelp.kubeapi.internal.discovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.kubeapi.internal.crd.CustomTypes;
import io.kelp.kubeapi.internal.resource.ResourceCatalog;
import io.kelp.kubeapi.internal.resource.ResourceType;
import io.kelp.kubeapi.internal.schema.Schema;
import io.kelp.kubeapi.internal.schema.StructuralRules;
import io.kelp.kubeapi.internal.types.BuiltInSchemas;
import io.kelp.kubeapi.internal.types.BuiltInTypes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class CatalogDocumentsTest {

    private final ResourceCatalog catalog;
    private final CatalogDocuments documents;

    CatalogDocumentsTest() {
        BuiltInSchemas schemas = BuiltInSchemas.load();
        List<ResourceType> types = new ArrayList<>(BuiltInTypes.all(schemas));
        CustomTypes custom = new CustomTypes(new StructuralRules(), InstantSource.system());
        types.add(custom.definitionType());
        custom.close();
        Map<String, Schema> structs = new HashMap<>(schemas.definitions());
        structs.putAll(custom.structs());
        catalog = new ResourceCatalog(types);
        documents = new CatalogDocuments(catalog, "v1.34.4+kelp", structs);
    }

    @Test
    void listsVersionsByTheirPriority() {
        List<String> versions = new ArrayList<>(List.of("foo1", "v1alpha1", "v3beta1", "v1", "v11alpha2", "v12alpha1", "foo10", "v10", "v11beta2", "v2", "v10beta3"));
        versions.sort(Versions.PRIORITY);
        assertEquals(List.of("v10", "v2", "v1", "v11beta2", "v10beta3", "v3beta1", "v12alpha1", "v11alpha2", "v1alpha1", "foo1", "foo10"), versions);
    }

    @Test
    void writesOpenApi2InTheFormThatKubectlAsksFor() {
        String asked = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
        Documents.Document document = documents.find("/openapi/v2", asked).orElseThrow();
        assertEquals("application/com.github.proto-openapi.spec.v2.v1.0+protobuf", document.contentType());
        JsonObject json = get("/openapi/v2", "application/json");
        Map<Integer, List<byte[]>> fields = fields(document.body());
        assertEquals("2.0", new String(fields.get(1).get(0), StandardCharsets.UTF_8));
        List<byte[]> paths = fields(fields.get(8).get(0)).get(2);
        assertEquals(List.copyOf(json.getAsJsonObject("paths").keySet()), names(paths));
        assertEquals(List.copyOf(json.getAsJsonObject("definitions").keySet()), names(fields(fields.get(9).get(0)).get(1)));
        // What decides whether kubectl lets the server validate: the parameter of the patch, and the kind that is patched.
        byte[] path = paths.stream().filter(p -> names(List.of(p)).contains("/api/v1/namespaces/{name}")).findFirst().orElseThrow();
        Map<Integer, List<byte[]>> patch = fields(fields(fields(path).get(2).get(0)).get(8).get(0));
        assertTrue(patch.get(8).stream().anyMatch(p -> new String(p, StandardCharsets.UTF_8).contains("fieldValidation")));
        assertTrue(patch.get(13).stream().anyMatch(e -> new String(e, StandardCharsets.UTF_8).contains("\"kind\":\"Namespace\"")));
    }

    private static List<String> names(List<byte[]> named) {
        return named.stream().map(each -> new String(fields(each).get(1).get(0), StandardCharsets.UTF_8)).toList();
    }

    /** What has a length in a message, by number. */
    private static Map<Integer, List<byte[]>> fields(byte[] message) {
        Map<Integer, List<byte[]>> fields = new HashMap<>();
        ByteBuffer in = ByteBuffer.wrap(message);
        while (in.hasRemaining()) {
            long key = varint(in);
            if ((key & 7) == 2) {
                byte[] content = new byte[(int) varint(in)];
                in.get(content);
                fields.computeIfAbsent((int) (key >>> 3), k -> new ArrayList<>()).add(content);
            } else if ((key & 7) == 1) {
                in.getLong();
            } else {
                varint(in);
            }
        }
        return fields;
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0;; shift += 7) {
            byte next = in.get();
            value |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }

    @Test
    void aggregatesForThoseWhoAskForIt() {
        String wanted = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";
        assertEquals("APIGroupDiscoveryList", get("/apis", wanted).get("kind").getAsString());
        assertEquals("APIGroupList", get("/apis", "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json")
                .get("kind").getAsString());
        assertEquals(406, documents.find("/apis", "application/json;g=apidiscovery.k8s.io;v=v9;as=APIGroupDiscoveryList").orElseThrow().status());
    }

    @Test
    void refersOnlyToWhatIsThere() {
        List<String> paths = new ArrayList<>(List.of("/openapi/v2"));
        get("/openapi/v3", "").getAsJsonObject("paths").keySet().forEach(name -> paths.add("/openapi/v3/" + name));
        assertTrue(paths.size() > 4, paths.toString());
        for (String path : paths) {
            JsonObject document = get(path, "");
            JsonObject definitions = path.endsWith("v2") ? document.getAsJsonObject("definitions")
                    : document.getAsJsonObject("components").getAsJsonObject("schemas");
            Matcher reference = Pattern.compile("\"#/(?:definitions|components/schemas)/([^\"]+)\"").matcher(document.toString());
            while (reference.find()) {
                assertTrue(definitions.has(reference.group(1)), path + " has no " + reference.group(1));
            }
            assertTrue(document.toString().length() < 1_000_000, path + " is small");
        }
    }

    @Test
    void keepsDocumentsUntilTheCatalogChanges() {
        Documents.Document before = documents.find("/openapi/v2", "").orElseThrow();
        assertSame(before, documents.find("/openapi/v2", "").orElseThrow());
        catalog.replaceCustom("x", List.of(catalog.all().get(0)));
        assertNotEquals(before.etag(), "");
        assertTrue(before != documents.find("/openapi/v2", "").orElseThrow(), "made anew");
    }

    private JsonObject get(String path, String accept) {
        Documents.Document document = documents.find(path, accept).orElseThrow(() -> new AssertionError(path));
        assertEquals(200, document.status());
        return JsonParser.parseString(new String(document.body(), StandardCharsets.UTF_8)).getAsJsonObject();
    }
}
