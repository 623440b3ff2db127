package io.kelp.mapper.coap.simulator;

import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** The classes of this jar, and those of the logging API that lies in it as a jar, unseen by the gateway. */
final class StandaloneLoader extends ClassLoader {

    static {
        registerAsParallelCapable();
    }

    private final ClassLoader jar;
    private final Map<String, byte[]> logging = new HashMap<>();

    StandaloneLoader(ClassLoader jar) {
        super(getPlatformClassLoader());
        this.jar = jar;
        System.setProperty("slf4j.internal.verbosity", "ERROR"); // it would complain that nobody writes the log
        try (InputStream in = jar.getResourceAsStream("simulator-lib/slf4j-api.jar"); ZipInputStream zip = new ZipInputStream(in)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (entry.getName().startsWith("org/slf4j/")) {
                    logging.put(entry.getName(), zip.readAllBytes());
                }
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        String file = name.replace('.', '/') + ".class";
        byte[] code = logging.get(file);
        if (code == null) {
            try (InputStream in = jar.getResourceAsStream(file)) {
                if (in == null) {
                    throw new ClassNotFoundException(name);
                }
                code = in.readAllBytes();
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
        return defineClass(name, code, 0, code.length);
    }
}
