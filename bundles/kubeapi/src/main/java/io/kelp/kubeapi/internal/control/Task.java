package io.kelp.kubeapi.internal.control;

import io.kelp.kubeapi.ApiException;
import java.time.Duration;

/**
 * A piece of upkeep: brings something from whatever state it is in to the one it should be in, and may be run again at any time.
 * Equal tasks are the same work.
 */
interface Task {

    /**
     * @return when to look again, {@code null} when there is nothing left to do
     * @throws ApiException to be tried again later
     */
    Duration run() throws ApiException;
}
