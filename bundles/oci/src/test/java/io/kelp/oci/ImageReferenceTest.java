package io.kelp.oci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageReferenceTest {

    @ParameterizedTest
    @CsvSource({
        "nginx, docker.io/library/nginx:latest",
        "team/app, docker.io/team/app:latest",
        "host:5000, docker.io/library/host:5000",
        "localhost/app:1, localhost/app:1",
        "127.0.0.1:5000/a/b/c:v1.2, 127.0.0.1:5000/a/b/c:v1.2",
        "registry.example.com/app@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef, registry.example.com/app@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "Example.com/app, Example.com/app:latest",
        "'[::1]:5000/app:x', '[::1]:5000/app:x'"
    })
    void referencesAreReadAsOthersReadThem(String text, String whole) {
        assertEquals(whole, ImageReference.parse(text).toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "UPPER", "a//b", "a:b:c", "a@sha256:12", "../etc", "a/../b", "-a", "a b"})
    void whatIsNoReferenceIsRefused(String text) {
        assertThrows(IllegalArgumentException.class, () -> ImageReference.parse(text));
    }
}
