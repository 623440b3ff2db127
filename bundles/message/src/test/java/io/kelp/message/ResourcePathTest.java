package io.kelp.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResourcePathTest {

    @Test
    void readsNamespaceTypeAndName() {
        ResourcePath path = ResourcePath.parse("default/pod/nginx").orElseThrow();
        assertEquals(new ResourcePath("default", "pod", "nginx"), path);
        assertEquals("default/pod/nginx", path.toString());
    }

    @Test
    void theNameMayBeMissing() {
        assertEquals(Optional.of(new ResourcePath("default", "pod", "")), ResourcePath.parse("default/pod"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "pod", "a//b", "/pod/x", "default/pod/", "a/b/c/d", "../pod/x", "default/../x", "default/pod/..",
        "default/./x", "default/pod/a\nb", "default/pod/a\u0000b"})
    void refusesWhatIsNoPath(String text) {
        assertEquals(Optional.empty(), ResourcePath.parse(text));
    }

    @Test
    void refusesOverlongText() {
        assertEquals(Optional.empty(), ResourcePath.parse("default/pod/" + "x".repeat(2000)));
    }

    @Test
    void cannotBeMadeOfPartsThatHoldSlashes() {
        assertThrows(IllegalArgumentException.class, () -> new ResourcePath("a/b", "pod", "x"));
    }

    @ParameterizedTest
    @CsvSource({"node/edge1/default/pod/nginx, default/pod/nginx", "node/edge1/membership, membership", "default/pod/nginx, default/pod/nginx",
        "node/connection, node/connection", "nodegroup/a/b, b", "node, node"})
    void takesTheAddresseeOffAsTheStockCloudDoes(String internal, String wire) {
        assertEquals(wire, ResourcePath.withoutNode(internal));
    }
}
