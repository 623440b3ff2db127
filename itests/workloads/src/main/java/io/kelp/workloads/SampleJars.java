package io.kelp.workloads;

import aQute.bnd.osgi.Builder;
import aQute.bnd.osgi.Jar;
import io.kelp.runtime.osgi.PodContext;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Component;

/** Jars of the workloads in the packages below this one, under any name and version; each is made once. */
public final class SampleJars {

    /** Names for tests and benches that need ten different images. */
    public static final List<String> TEN = List.of("alder", "birch", "cedar", "elder", "hazel", "larch", "maple", "olive", "poplar", "willow");

    private static final String PACKAGE = "io.kelp.workloads.";
    private static final Map<String, String> CLASSES = Map.of("web", "Web", "job", "Work", "bad", "Bad", "plain", "Main");

    private final Path folder;

    /** @param folder takes the jars; made if it is not there */
    public SampleJars(Path folder) {
        this.folder = folder;
    }

    /** The well-behaved workload; the name is that of bundle, package, thread and command, so that each name is code of its own. */
    public Path web(String name, String version) {
        return bundle("web", name, version);
    }

    public Path job() {
        return bundle("job", "job", "1.0.0");
    }

    public Path bad() {
        return bundle("bad", "bad", "1.0.0");
    }

    /** A jar with a main class and no bundle headers. */
    public synchronized Path plain() {
        Path jar = folder.resolve("plain.jar");
        if (!Files.exists(jar)) {
            Path classes = compile("plain", "plain");
            Manifest manifest = new Manifest();
            manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
            manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, PACKAGE + "plain.Main");
            String entry = "io/kelp/workloads/plain/Main.class";
            try (OutputStream file = Files.newOutputStream(jar); JarOutputStream out = new JarOutputStream(file, manifest)) {
                out.putNextEntry(new ZipEntry(entry));
                out.write(Files.readAllBytes(classes.resolve(entry)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return jar;
    }

    private synchronized Path bundle(String workload, String name, String version) {
        Path jar = folder.resolve(name + "-" + version + ".jar");
        if (!Files.exists(jar)) {
            Path classes = compile(workload, name);
            try (Builder builder = new Builder()) {
                builder.setProperty("Bundle-SymbolicName", "org.example." + name);
                builder.setProperty("Bundle-Version", version);
                builder.setProperty("-privatepackage", PACKAGE + name);
                builder.setProperty("-reproducible", "true");
                builder.setClasspath(new File[] {classes.toFile(), jarOf(PodContext.class), jarOf(BundleContext.class), jarOf(Component.class)});
                try (Jar built = builder.build()) {
                    if (!builder.getErrors().isEmpty()) {
                        throw new IllegalStateException(jar + ": " + builder.getErrors());
                    }
                    built.write(jar.toFile());
                }
            } catch (Exception e) {
                // bnd declares nothing more precise
                throw new IllegalStateException("cannot build " + jar, e);
            }
        }
        return jar;
    }

    /** Compiles a workload with its package renamed; gives the folder of the classes. */
    private Path compile(String workload, String name) {
        String source = "io/kelp/workloads/" + workload + "/" + CLASSES.get(workload) + ".java";
        Path work = folder.resolve("classes-" + name);
        Path renamed = work.resolve("source").resolve(source.replace("/" + workload + "/", "/" + name + "/"));
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        if (compiler == null) {
            throw new IllegalStateException("these tests need a Java development kit");
        }
        try (InputStream in = SampleJars.class.getResourceAsStream("/" + source); var files = compiler.getStandardFileManager(null, null, null)) {
            Files.createDirectories(renamed.getParent());
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            Files.writeString(renamed, text.replace("package " + PACKAGE + workload + ";", "package " + PACKAGE + name + ";"));
            StringWriter said = new StringWriter();
            String path = String.join(File.pathSeparator, jarOf(PodContext.class).toString(), jarOf(BundleContext.class).toString(), jarOf(Component.class).toString());
            boolean good = compiler.getTask(said, files, null, List.of("--release", "17", "-proc:none", "-cp", path, "-d", work.toString()), null,
                    files.getJavaFileObjects(renamed)).call();
            if (!good) {
                throw new IllegalStateException(said.toString());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return work;
    }

    private static File jarOf(Class<?> type) {
        return Path.of(URI.create(type.getProtectionDomain().getCodeSource().getLocation().toString())).toFile();
    }
}
