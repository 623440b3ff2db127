package io.kelp.runtime.osgi.internal.process;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.objectweb.asm.ConstantDynamic;
import org.objectweb.asm.Handle;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/** One method; see {@link ClassWeaver}. */
final class MethodWeaving extends MethodVisitor {

    private final boolean additions;
    private final boolean bundle;
    private final Runnable changed;
    private final Set<Label> passed = new HashSet<>();
    private final Map<String, Integer> made = new HashMap<>();
    private String justNew;
    private boolean deeper;

    /**
     * @param additions whether to insert anything, or only to replace
     * @param bundle whether it is of a bundle, for which calls of the framework are guarded
     */
    MethodWeaving(MethodVisitor next, boolean additions, boolean bundle, Runnable changed) {
        super(Opcodes.ASM9, next);
        this.additions = additions;
        this.bundle = bundle;
        this.changed = changed;
    }

    @Override
    public void visitMethodInsn(int opcode, String owner, String name, String descriptor, boolean isInterface) {
        justNew = null;
        String replacement = opcode == Opcodes.INVOKESPECIAL ? null : Redirections.replacement(owner, name, descriptor, bundle);
        if (replacement != null) {
            super.visitMethodInsn(Opcodes.INVOKESTATIC, Redirections.target(owner), name, replacement, false);
            changed.run();
            return;
        }
        super.visitMethodInsn(opcode, owner, name, descriptor, isInterface);
        if (name.equals("<init>")) {
            Integer open = made.computeIfPresent(owner, (type, count) -> count - 1);
            if (open != null && open >= 0) {
                note();
            }
        } else if (Redirections.returnsOpened(owner, descriptor)) {
            note();
        }
    }

    /** What lies on top of the stack was opened. */
    private void note() {
        if (!additions) {
            return;
        }
        super.visitInsn(Opcodes.DUP);
        super.visitMethodInsn(Opcodes.INVOKESTATIC, ClassWeaver.TARGET, "opened", "(Ljava/lang/Object;)V", false);
        deeper = true;
        changed.run();
    }

    @Override
    public void visitTypeInsn(int opcode, String type) {
        super.visitTypeInsn(opcode, type);
        justNew = opcode == Opcodes.NEW && Redirections.opens(type) ? type : null;
    }

    @Override
    public void visitInsn(int opcode) {
        if (opcode == Opcodes.DUP && justNew != null) {
            made.merge(justNew, 1, Integer::sum); // new, dup, …, <init>: leaves the object on the stack
        }
        justNew = null;
        super.visitInsn(opcode);
    }

    @Override
    public void visitLabel(Label label) {
        passed.add(label);
        super.visitLabel(label);
    }

    @Override
    public void visitJumpInsn(int opcode, Label label) {
        checkpointIfBack(label);
        super.visitJumpInsn(opcode, label);
    }

    @Override
    public void visitTableSwitchInsn(int min, int max, Label other, Label... labels) {
        checkpointIfBack(other, labels);
        super.visitTableSwitchInsn(min, max, other, labels);
    }

    @Override
    public void visitLookupSwitchInsn(Label other, int[] keys, Label[] labels) {
        checkpointIfBack(other, labels);
        super.visitLookupSwitchInsn(other, keys, labels);
    }

    private void checkpointIfBack(Label label, Label... more) {
        justNew = null;
        boolean back = passed.contains(label);
        for (Label other : more) {
            back |= passed.contains(other);
        }
        if (back && additions) {
            super.visitMethodInsn(Opcodes.INVOKESTATIC, ClassWeaver.TARGET, "checkpoint", "()V", false);
            changed.run();
        }
    }

    @Override
    public void visitInvokeDynamicInsn(String name, String descriptor, Handle bootstrap, Object... arguments) {
        justNew = null;
        Object[] replaced = new Object[arguments.length];
        for (int i = 0; i < arguments.length; i++) {
            replaced[i] = replaced(arguments[i]);
        }
        super.visitInvokeDynamicInsn(name, descriptor, bootstrap, replaced);
    }

    @Override
    public void visitLdcInsn(Object value) {
        justNew = null;
        super.visitLdcInsn(replaced(value));
    }

    private Object replaced(Object constant) {
        if (constant instanceof Handle handle) {
            String replacement = Redirections.replacement(handle.getOwner(), handle.getName(), handle.getDesc(), bundle);
            if (replacement == null) {
                return constant;
            }
            changed.run();
            return new Handle(Opcodes.H_INVOKESTATIC, Redirections.target(handle.getOwner()), handle.getName(), replacement, false);
        }
        if (constant instanceof ConstantDynamic dynamic) {
            Object[] arguments = new Object[dynamic.getBootstrapMethodArgumentCount()];
            for (int i = 0; i < arguments.length; i++) {
                arguments[i] = replaced(dynamic.getBootstrapMethodArgument(i));
            }
            return new ConstantDynamic(dynamic.getName(), dynamic.getDescriptor(), dynamic.getBootstrapMethod(), arguments);
        }
        return constant;
    }

    @Override
    public void visitMaxs(int maxStack, int maxLocals) {
        super.visitMaxs(deeper ? maxStack + 1 : maxStack, maxLocals);
    }
}
