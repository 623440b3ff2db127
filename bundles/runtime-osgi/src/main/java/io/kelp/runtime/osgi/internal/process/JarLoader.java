package io.kelp.runtime.osgi.internal.process;

import io.kelp.runtime.osgi.internal.ContainerGroup;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.file.Path;
import java.security.CodeSource;
import java.security.ProtectionDomain;
import java.security.SecureClassLoader;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.zip.ZipFile;

/**
 * Class loader of a plain jar: the jars of its image, woven, above the JDK. Of the gateway it sees the
 * package {@code io.kelp.runtime.osgi} alone. Multi-release jars are read as such; signatures are not
 * verified, the image's digest was.
 */
final class JarLoader extends SecureClassLoader implements AutoCloseable {

    static {
        registerAsParallelCapable();
    }

    private record Opened(JarFile file, Path path, CodeSource source) {}

    private final ContainerGroup group;
    private final List<Opened> jars = new ArrayList<>();

    /** @param paths in the order in which they are searched */
    JarLoader(ContainerGroup group, List<Path> paths) throws IOException {
        super(group.getName(), new Seen());
        this.group = group;
        try {
            for (Path path : paths) {
                JarFile file = new JarFile(path.toFile(), false, ZipFile.OPEN_READ, JarFile.runtimeVersion());
                jars.add(new Opened(file, path, new CodeSource(path.toUri().toURL(), (Certificate[]) null)));
            }
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    ContainerGroup group() {
        return group;
    }

    /** {@code Main-Class} of the first jar that has one, null if none has. */
    String mainClass() throws IOException {
        for (Opened jar : jars) {
            java.util.jar.Manifest manifest = jar.file.getManifest();
            String name = manifest == null ? null : manifest.getMainAttributes().getValue("Main-Class");
            if (name != null) {
                return name.strip();
            }
        }
        return null;
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        String path = name.replace('.', '/') + ".class";
        for (Opened jar : jars) {
            JarEntry entry = jar.file.getJarEntry(path);
            if (entry != null) {
                return define(name, jar, entry);
            }
        }
        throw new ClassNotFoundException(name);
    }

    private Class<?> define(String name, Opened jar, JarEntry entry) throws ClassNotFoundException {
        byte[] classFile;
        try (InputStream in = jar.file.getInputStream(entry)) {
            classFile = ClassWeaver.weave(in.readAllBytes());
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        } catch (UnweavableClassException e) {
            throw new UnsupportedClassVersionError(name + ": " + e.getMessage());
        }
        int dot = name.lastIndexOf('.');
        if (dot > 0 && getDefinedPackage(name.substring(0, dot)) == null) {
            try {
                definePackage(name.substring(0, dot), null, null, null, null, null, null, null);
            } catch (IllegalArgumentException e) {
                // another thread was faster
                assert getDefinedPackage(name.substring(0, dot)) != null;
            }
        }
        return defineClass(name, classFile, 0, classFile.length, new ProtectionDomain(jar.source, null));
    }

    @Override
    protected URL findResource(String name) {
        for (Opened jar : jars) {
            if (jar.file.getEntry(name) != null) {
                return url(jar, name);
            }
        }
        return null;
    }

    @Override
    protected Enumeration<URL> findResources(String name) {
        List<URL> found = new ArrayList<>();
        for (Opened jar : jars) {
            if (jar.file.getEntry(name) != null) {
                found.add(url(jar, name));
            }
        }
        return Collections.enumeration(found);
    }

    /** Reads from the jar that is open: the JDK's own handler would keep a second one open beyond the end of the container. */
    private static URL url(Opened jar, String name) {
        try {
            return new URL("jar", "", -1, jar.path.toUri() + "!/" + name, new URLStreamHandler() {
                @Override
                protected URLConnection openConnection(URL url) {
                    return new EntryConnection(url, jar.file);
                }
            });
        } catch (MalformedURLException e) {
            throw new IllegalArgumentException("name of a resource: " + name, e);
        }
    }

    private static final class EntryConnection extends URLConnection {

        private final JarFile file;
        private JarEntry entry;

        EntryConnection(URL url, JarFile file) {
            super(url);
            this.file = file;
        }

        @Override
        public void connect() throws IOException {
            String path = url.getPath();
            String name = path.substring(path.indexOf("!/") + 2);
            entry = file.getJarEntry(name);
            if (entry == null) {
                throw new FileNotFoundException(url.toString());
            }
            connected = true;
        }

        @Override
        public InputStream getInputStream() throws IOException {
            if (!connected) {
                connect();
            }
            return file.getInputStream(entry);
        }

        @Override
        public long getContentLengthLong() {
            return entry == null ? -1 : entry.getSize();
        }

        @Override
        public long getLastModified() {
            return entry == null ? 0 : entry.getTime();
        }
    }

    @Override
    public void close() throws IOException {
        for (Opened jar : jars) {
            jar.file.close();
        }
    }

    /** The JDK and this bundle's exported package. */
    private static final class Seen extends ClassLoader {

        private static final String API = ClassWeaver.IMPORT + ".";

        Seen() {
            super(ClassLoader.getPlatformClassLoader());
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            if (name.startsWith(API) && name.indexOf('.', API.length()) < 0) {
                return JarLoader.class.getClassLoader().loadClass(name);
            }
            throw new ClassNotFoundException(name);
        }
    }
}
