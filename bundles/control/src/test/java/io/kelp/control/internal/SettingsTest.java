package io.kelp.control.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {

    private static final String METATYPE = """
            <?xml version="1.0" encoding="UTF-8"?>
            <metatype:MetaData xmlns:metatype="http://www.osgi.org/xmlns/metatype/v1.4.0">
              <OCD id="o" name="n">
                <AD id="port" type="Integer" min="1" max="65535" default="1883"/>
                <AD id="small" type="Short"/>
                <AD id="ratio" type="Double" min="0"/>
                <AD id="on" type="Boolean"/>
                <AD id="name" min="2" max="4"/>
                <AD id="secret" type="Password" min="8"/>
                <AD id="mode" type="String"><Option label="a" value="fast"/><Option label="b" value="slow"/></AD>
                <AD id="list" type="Integer" cardinality="2147483647" max="9"/>
              </OCD>
              <Designate pid="io.kelp.x"><Object ocdref="o"/></Designate>
            </metatype:MetaData>
            """;

    private static Map<String, SettingRule> rules() throws IOException {
        return MetatypeReader.read(new ByteArrayInputStream(METATYPE.getBytes(StandardCharsets.UTF_8))).get("io.kelp.x");
    }

    @Test
    void convertsToTheTypesOfTheComponent() throws IOException {
        Settings.Read read = Settings.read("{\"port\": 1883, \"ratio\": 1, \"on\": true, \"name\": \"ab\", \"mode\": \"slow\", \"list\": [1, 2]}", rules());
        assertEquals(1883, read.values().get("port"));
        assertEquals(1.0, read.values().get("ratio"));
        assertEquals(true, read.values().get("on"));
        assertEquals("ab", read.values().get("name"));
        assertArrayEquals(new Integer[] {1, 2}, (Integer[]) read.values().get("list"));
        assertNull(read.unknown());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"port": 0}            | key "port" is 0, allowed is a whole number from 1 to 65535
            {"port": 65536}        | key "port" is 65536, allowed is a whole number from 1 to 65535
            {"port": 1.5}          | key "port" is 1.5, allowed is a whole number from 1 to 65535
            {"port": "1883"}       | key "port" is "1883", allowed is a whole number from 1 to 65535
            {"port": null}         | key "port" is null, allowed is a whole number from 1 to 65535
            {"small": 40000}       | key "small" is 40000, allowed is a whole number
            {"ratio": -0.1}        | key "ratio" is -0.1, allowed is a number from 0
            {"on": "yes"}          | key "on" is "yes", allowed is true or false
            {"name": "abcde"}      | key "name" is "abcde", allowed is a text in quotes with a length from 2 to 4
            {"secret": "short"}    | key "secret" is a value that is not shown, allowed is a text in quotes with a length from 8
            {"mode": "medium"}     | key "mode" is "medium", allowed is one of fast, slow
            {"list": 3}            | key "list" is 3, allowed is a list, each item a whole number up to 9
            {"list": [3, 10]}      | key "list" is 10, allowed is a list, each item a whole number up to 9
            [1]                    | it is not a JSON object: { "key": value, … }
            """)
    void namesKeyValueAndWhatIsAllowed(String json, String message) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, () -> Settings.read(json, rules())).getMessage());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"port": 1
            {port: 1}
            {"port": 1} x
            x
            """)
    void refusesWhatIsNotJson(String json) {
        assertTrue(assertThrows(IllegalArgumentException.class, () -> Settings.read(json, rules())).getMessage().startsWith("it is not JSON: "));
    }

    @Test
    void unknownKeysAreNamedAndHandedOn() throws IOException {
        Settings.Read read = Settings.read("{\"prot\": 1, \"port\": 2}", rules());
        assertEquals("key \"prot\" is not known here, allowed are list, mode, name, on, port, ratio, secret, small", read.unknown());
        assertEquals(1L, read.values().get("prot"));
    }

    @Test
    void whatIsWrittenIsReadBackTheSame() throws IOException {
        String text = Settings.write(Map.of("port", 7, "list", new Integer[] {1, 2}, "name", "a\"<", "on", false));
        assertEquals(text, Settings.write(Settings.read(text, null).values()).replace("\"1\"", "1").replace("\"2\"", "2"));
    }

    @Test
    void refusesExternalEntitiesInMetatype() {
        String xml = "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><MetaData>&e;</MetaData>";
        assertThrows(IOException.class, () -> MetatypeReader.read(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8))));
    }

    @TempDir
    private Path folder;

    @Test
    void keepsTheLastGoodContentAndABoundedHistory() throws IOException {
        Path etc = Files.createDirectory(folder.resolve("etc"));
        SettingsFolder settings = new SettingsFolder(etc, folder.resolve("kept"));
        Files.writeString(etc.resolve("io.kelp.x.json"), "{}");
        Files.writeString(etc.resolve("not a pid.json"), "{}");
        assertEquals(1, settings.files().size());
        for (int i = 0; i < 30; i++) {
            settings.write("io.kelp.x", "{\"a\": " + i + "}");
            settings.nowGood("io.kelp.x", "{\"a\": " + i + "}");
        }
        assertEquals("{\"a\": 29}", settings.lastGood("io.kelp.x"));
        assertEquals("{\"a\": 29}", settings.read("io.kelp.x"));
        try (Stream<Path> kept = Files.list(folder.resolve("kept"))) {
            assertTrue(kept.count() <= 12);
        }
        Files.write(etc.resolve("io.kelp.x.json"), new byte[SettingsFolder.MAX_BYTES + 1]);
        assertThrows(IOException.class, () -> settings.read("io.kelp.x"));
    }

    @Test
    void aPasswordIsStoredAsAHashOnly() throws IOException {
        Path file = folder.resolve("console.password");
        PasswordFile password = new PasswordFile(file);
        assertTrue(!password.allows("admin", "admin".toCharArray()), "no default password");
        String secret = password.renew();
        assertTrue(!Files.readString(file).contains(secret));
        assertEquals("[OWNER_READ, OWNER_WRITE]", new java.util.TreeSet<>(Files.getPosixFilePermissions(file)).toString());
        assertTrue(password.allows("admin", secret.toCharArray()));
        assertTrue(password.allows("admin", secret.toCharArray()), "from memory");
        assertTrue(!password.allows("root", secret.toCharArray()));
        assertTrue(!password.allows("admin", (secret + "x").toCharArray()));
        String second = password.renew();
        assertTrue(!password.allows("admin", secret.toCharArray()), "the old one ends with the new one");
        assertTrue(password.allows("admin", second.toCharArray()));
    }
}
