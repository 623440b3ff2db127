package io.kelp.mapper.modbus.internal.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class SerialLibraryTest {

    /** As when a mapper is replaced by a newer one: each has its own class loader, and the old ones must go. */
    @Test
    @Tag("slow")
    void severalCopiesWorkOneAfterTheOtherAndNoneStays() throws Exception {
        long unpacked = unpacked();
        for (int i = 0; i < 3; i++) {
            WeakReference<ClassLoader> gone = loadAndRelease();
            long deadline = System.nanoTime() + 20_000_000_000L;
            while (gone.get() != null) {
                assertTrue(System.nanoTime() - deadline < 0, "the class loader stays");
                System.gc();
                Thread.sleep(20);
            }
        }
        assertEquals(unpacked, unpacked(), "nothing stays in the temporary folder");
        assertEquals(null, System.getProperty("jSerialComm.library.path"));
    }

    private static WeakReference<ClassLoader> loadAndRelease() throws Exception {
        URL[] urls = Stream.of(System.getProperty("java.class.path").split(":")).map(entry -> {
            try {
                return Path.of(entry).toUri().toURL();
            } catch (java.net.MalformedURLException e) {
                throw new AssertionError(e);
            }
        }).toArray(URL[]::new);
        try (URLClassLoader loader = new URLClassLoader(urls, ClassLoader.getPlatformClassLoader())) {
            Class<?> library = loader.loadClass(SerialLibrary.class.getName());
            Method load = library.getDeclaredMethod("load");
            load.setAccessible(true);
            load.invoke(null);
            Class<?> port = loader.loadClass("com.fazecast.jSerialComm.SerialPort");
            Object tty = port.getMethod("getCommPort", String.class).invoke(null, "/dev/ptmx");
            assertTrue((boolean) port.getMethod("openPort", int.class).invoke(tty, 0), "a pseudo terminal opens");
            port.getMethod("closePort").invoke(tty);
            library.getMethod("release").invoke(null);
            load.invoke(null); // as when the component starts anew in the same bundle
            library.getMethod("release").invoke(null);
            return new WeakReference<>(loader);
        } catch (InvocationTargetException e) {
            throw new AssertionError(e.getCause());
        }
    }

    private static long unpacked() throws IOException {
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return files.filter(f -> f.getFileName().toString().startsWith("kelp-serial") || f.getFileName().toString().equals("jSerialComm")).count();
        }
    }

    @Test
    void aPortThatIsNotThereIsSaidSo() {
        String message = assertThrows(IOException.class, () -> SerialLink.open(
                new Line.Serial("/dev/ttyNONE7", 9600, 8, Line.Serial.Parity.NONE, 1, Line.Rs485.OFF))).getMessage();
        assertTrue(message.contains("there is no serial port /dev/ttyNONE7"), message);
    }
}
