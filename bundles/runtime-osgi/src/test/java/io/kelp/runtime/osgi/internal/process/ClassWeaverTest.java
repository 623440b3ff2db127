package io.kelp.runtime.osgi.internal.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.runtime.osgi.internal.ContainerGroup;
import io.kelp.runtime.osgi.internal.process.programs.Programs;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;

class ClassWeaverTest {

    @Test
    void aClassThatHasNothingOfInterestStaysTheSameArray() throws Exception {
        byte[] plain = ProgramRun.classFile(TestContext.class);
        assertSame(plain, ClassWeaver.weave(plain));
    }

    @Test
    void noCallToTheJavaMachineIsLeft() throws Exception {
        for (Class<?> program : Programs.class.getDeclaredClasses()) {
            String text = new String(ClassWeaver.weave(ProgramRun.classFile(program)), StandardCharsets.ISO_8859_1);
            byte[] woven = ClassWeaver.weave(ProgramRun.classFile(program));
            assertEquals(List.of(), Calls.of(woven).stream().filter(call -> call.matches("java/lang/(System|Runtime)\\.(exit|halt|getenv|setOut|.*Hook).*")).toList(),
                    program.getName() + " " + text.length());
        }
    }

    @Test
    void whatIsNoClassFileIsLeftToTheJavaMachine() {
        byte[] text = "not a class file at all".getBytes(StandardCharsets.US_ASCII);
        assertSame(text, ClassWeaver.weave(text));
        assertEquals(0, ClassWeaver.weave(new byte[0]).length);
    }

    @Test
    void aNewerClassFileIsRefusedOnlyIfItCouldEndTheGateway() throws Exception {
        byte[] harmless = newer(ProgramRun.classFile(TestContext.class));
        assertSame(harmless, ClassWeaver.weave(harmless));
        byte[] exits = newer(ProgramRun.classFile(Programs.Exits.class));
        String message = assertThrows(UnweavableClassException.class, () -> ClassWeaver.weave(exits)).getMessage();
        assertTrue(message.contains("version 99") && message.contains("Java 26"), message);
    }

    @Test
    void mutatedClassFilesNeverThrowAnythingElse() throws Exception {
        Random random = new Random(5);
        byte[] good = ProgramRun.classFile(Programs.Exits.class);
        for (int i = 0; i < 4_000; i++) {
            byte[] bad = random.nextInt(4) == 0 ? java.util.Arrays.copyOf(good, random.nextInt(good.length)) : good.clone();
            for (int flips = random.nextInt(6); flips >= 0 && bad.length > 0; flips--) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt();
            }
            try {
                ClassWeaver.weave(bad);
            } catch (UnweavableClassException e) {
                assertTrue(e.getMessage().contains("exit"));
            }
        }
    }

    /** Weaves libraries as compilers made them and has the Java machine verify the result. */
    @Test
    void wovenLibrariesAreStillValid() throws Exception {
        List<Path> jars = List.of(jarOf(com.google.gson.Gson.class), jarOf(org.apache.felix.framework.Felix.class), jarOf(aQute.bnd.osgi.Builder.class));
        int verified = 0;
        long began = System.nanoTime();
        try (JarLoader loader = new JarLoader(new ContainerGroup(Thread.currentThread().getThreadGroup(), ProgramRun.spec(Path.of("/nowhere"), List.of()), code -> {}), jars)) {
            for (Path jar : jars) {
                verified += verifyAll(loader, jar);
            }
        }
        System.out.println(verified + " classes woven and verified, " + (System.nanoTime() - began) / 1000 / verified + " µs each");
        assertTrue(verified > 1000, verified + " classes");
    }

    private static int verifyAll(ClassLoader loader, Path jar) throws Exception {
        int verified = 0;
        try (JarFile file = new JarFile(jar.toFile())) {
            for (String name : file.stream().map(entry -> entry.getName()).filter(n -> n.endsWith(".class") && !n.contains("-")).toList()) {
                try {
                    Class.forName(name.replace('/', '.').substring(0, name.length() - 6), true, loader);
                    verified++;
                } catch (VerifyError | ClassFormatError e) {
                    throw new AssertionError(name, e);
                } catch (LinkageError | ClassNotFoundException e) {
                    assertTrue(e.getMessage() != null || e.getCause() != null, "needs a library that is not there");
                }
            }
        }
        return verified;
    }

    private static Path jarOf(Class<?> type) throws Exception {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    private static byte[] newer(byte[] classFile) {
        byte[] made = classFile.clone();
        made[7] = 99;
        return made;
    }
}
