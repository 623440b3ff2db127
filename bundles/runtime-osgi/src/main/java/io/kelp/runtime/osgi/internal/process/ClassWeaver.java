package io.kelp.runtime.osgi.internal.process;

import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassTooLargeException;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodTooLargeException;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * Rewrites classes of containers as they are loaded:
 *
 * <ul>
 *   <li>calls and method references of what concerns the whole Java machine ({@code System.exit} …) lead to
 *       {@link io.kelp.runtime.osgi.ContainerSystem}; see {@link Redirections};
 *   <li>those that lead from a pod's bundle to the gateway's go through {@link io.kelp.runtime.osgi.ContainerFramework};
 *   <li>what opens a socket, an executor and the like tells so, that it can be closed at the end;
 *   <li>each turn of a loop passes a {@link Checkpoint}.
 * </ul>
 *
 * <p>Nothing that is inserted branches or keeps anything on the operand stack, so frames stay valid. Keeps no state.
 */
public final class ClassWeaver {

    /** Package that woven classes must see. */
    public static final String IMPORT = "io.kelp.runtime.osgi";

    static final String TARGET = "io/kelp/runtime/osgi/ContainerSystem";
    static final String DEFAULTS_TARGET = "io/kelp/runtime/osgi/ContainerDefaults";
    static final String FRAMEWORK_TARGET = "io/kelp/runtime/osgi/ContainerFramework";

    private static final int NEWEST_KNOWN = Opcodes.V26;

    private ClassWeaver() {}

    /**
     * @param classFile a class file; what is none is returned as it is, the Java machine refuses it
     * @return the woven class file, or the same array if there was nothing to do
     * @throws UnweavableClassException if the class file is newer than what is understood here and mentions
     *     what would have to be replaced
     */
    public static byte[] weave(byte[] classFile) {
        return weave(classFile, false);
    }

    /**
     * As {@link #weave(byte[])}.
     *
     * @param bundle whether it is a class of a bundle
     */
    static byte[] weave(byte[] classFile, boolean bundle) {
        if (classFile.length < 10 || classFile[0] != (byte) 0xCA) {
            return classFile;
        }
        int version = (classFile[6] & 0xff) << 8 | classFile[7] & 0xff;
        if (version > NEWEST_KNOWN) {
            return refuseIfDangerous(classFile, version);
        }
        try {
            return rewrite(classFile, true, bundle);
        } catch (MethodTooLargeException | ClassTooLargeException e) {
            return rewrite(classFile, false, bundle); // which needs no more room, in a method that is full to the brim
        } catch (RuntimeException e) {
            // Malformed: ASM throws whatever comes of it. The Java machine verifies what it loads, and says what is wrong.
            return refuseIfDangerous(classFile, version);
        }
    }

    private static byte[] rewrite(byte[] classFile, boolean additions, boolean bundle) {
        ClassReader reader = new ClassReader(classFile);
        ClassWriter writer = new ClassWriter(reader, 0);
        Weaving weaving = new Weaving(writer, additions, bundle);
        reader.accept(weaving, 0);
        return weaving.changed ? writer.toByteArray() : classFile;
    }

    private static byte[] refuseIfDangerous(byte[] classFile, int version) {
        String text = new String(classFile, java.nio.charset.StandardCharsets.ISO_8859_1);
        if ((text.contains("java/lang/System") || text.contains("java/lang/Runtime")) && (text.contains("exit") || text.contains("halt"))) {
            throw new UnweavableClassException("class file of version " + version
                    + " cannot be read here and mentions exit or halt, which would end the gateway; compile it for Java "
                    + (NEWEST_KNOWN - 44) + " or older");
        }
        return classFile;
    }

    private static final class Weaving extends ClassVisitor {

        private final boolean additions;
        private final boolean bundle;
        private boolean changed;

        Weaving(ClassVisitor next, boolean additions, boolean bundle) {
            super(Opcodes.ASM9, next);
            this.additions = additions;
            this.bundle = bundle;
        }

        @Override
        public MethodVisitor visitMethod(int access, String name, String descriptor, String signature, String[] exceptions) {
            MethodVisitor next = super.visitMethod(access, name, descriptor, signature, exceptions);
            return new MethodWeaving(next, additions, bundle, () -> changed = true);
        }
    }
}
