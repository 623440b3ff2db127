package io.kelp.edged.internal.env;

/** What containers may be told of their node. Safe for use by several threads; does not block. */
public interface NodeFacts {

    /** Name of the Node. */
    String name();

    /** Address of the Node, which is that of its pods, too. */
    String address();

    /** What pods may have together, in thousandths of a processor: the limit of a container that has none. */
    long allocatableCpuMillis();

    /** What pods may have together, in bytes. */
    long allocatableMemoryBytes();

    /** Disk that pods may have together, in bytes. */
    long allocatableStorageBytes();
}
