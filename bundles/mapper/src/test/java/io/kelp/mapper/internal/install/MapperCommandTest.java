package io.kelp.mapper.internal.install;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.control.ControlCommand.Result;
import io.kelp.mapper.MapperInstaller;
import io.kelp.mapper.MapperRefusedException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MapperCommandTest {

    @TempDir
    private Path folder;

    private final MapperInstaller installer = new MapperInstaller() {
        @Override
        public List<Mapper> list() {
            return List.of(new Mapper("plant.one", "1.0.0", "", "ACTIVE", List.of("one"), "installed", 3),
                    new Mapper("x", "2", "", "DAMAGED", List.of(), "folder x.jar", 0));
        }

        @Override
        public Mapper install(InputStream jar) throws IOException {
            return new Mapper(new String(jar.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8), "1.0.0", "", "ACTIVE", List.of("one"), "installed", 0);
        }

        @Override
        public Mapper update(InputStream jar) throws MapperRefusedException {
            throw new MapperRefusedException("bundle plant.one offers no device driver");
        }

        @Override
        public void remove(String name) throws MapperRefusedException {
            throw new MapperRefusedException("there is no mapper " + name);
        }
    };

    private Result run(String... words) {
        return new MapperCommand(installer, List::of).run(List.of(words));
    }

    @Test
    void listIsATable() {
        assertEquals(List.of("NAME       VERSION  STATE    PROTOCOLS  DEVICES  ORIGIN",
                "plant.one  1.0.0    ACTIVE   one        3        installed",
                "x          2        DAMAGED  -          0        folder x.jar"), run("list").lines());
    }

    @Test
    void exitCodesMeanSomething() throws IOException {
        Path jar = Files.writeString(folder.resolve("a.jar"), "plant.one");
        assertEquals(Result.ok("mapper plant.one 1.0.0 is installed, protocol one"), run("install", jar.toString()));
        assertEquals(Result.failed(1, "bundle plant.one offers no device driver"), run("update", jar.toString()));
        assertEquals(Result.failed(3, "there is no mapper two"), run("remove", "two"));
        for (String[] wrong : new String[][] {{}, {"list", "x"}, {"install"}, {"paint", "x"}, {"install", "a.jar"}, {"install", "\0"}}) {
            assertEquals(2, run(wrong).exitCode(), String.join(" ", wrong));
        }
        Result absent = run("install", folder.resolve("no.jar").toString());
        assertEquals(1, absent.exitCode());
        assertTrue(absent.lines().get(0).startsWith("the gateway cannot read a file "));
    }
}
