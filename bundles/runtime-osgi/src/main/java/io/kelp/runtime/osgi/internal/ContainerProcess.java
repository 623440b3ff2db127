package io.kelp.runtime.osgi.internal;

import io.kelp.edged.ContainerSpec;
import io.kelp.edged.WorkloadContainer.Exit;
import io.kelp.edged.WorkloadContainer.Readiness;
import io.kelp.edged.WorkloadException;
import io.kelp.oci.ImageStore.StoredImage;
import io.kelp.runtime.osgi.PodContext;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/**
 * What runs in a container: bundles, or a plain jar. Everything around it (thread group, deadlines,
 * force, output, ports, folders) is the container's.
 *
 * <p>{@link #start}, {@link #stop} and {@link #close} are called one after the other, each on a
 * thread of the container's group with a deadline after which that thread is interrupted.
 */
public interface ContainerProcess {

    /**
     * What a process is made from.
     *
     * @param spec as edged wants it
     * @param image with its jars
     * @param context environment (the pod's above the image's, with ports), arguments, folders
     * @param threads group that every thread of the process belongs to
     */
    record Run(ContainerSpec spec, StoredImage image, PodContext context, ContainerGroup threads) {}

    /** Makes processes of one kind; makes nothing run yet. */
    interface Factory {

        /** @throws WorkloadException when the image cannot be run, with the reason */
        ContainerProcess create(Run run) throws WorkloadException;
    }

    /**
     * Starts it; returns when all of it has been started. The end of what was started is told by
     * {@link #exit}, even when it comes before this returns.
     *
     * @throws WorkloadException when it could not be started at all; {@link #close} is called next
     */
    void start() throws WorkloadException, InterruptedException;

    /** Completes when it has ended by itself, never because of {@link #stop}; never fails. */
    CompletionStage<Exit> exit();

    /** Asks it to end; returns how it ended once it has, or when interrupted because the grace period is over. */
    Exit stop(Duration grace) throws InterruptedException;

    /** Lets go of all that is held for it. Called once, when its threads have ended or been given up. */
    void close();

    /** At any time, from any thread; does not block. */
    Readiness readiness();

    /** Has a listener told, on any thread, that {@link #readiness} may have changed. */
    void onReadiness(Runnable listener);
}
