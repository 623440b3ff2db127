package io.kelp.mapper.mqtt.internal.broker;

import io.kelp.mapper.ConfigurationException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** The connections to brokers, one per address, as long as somebody needs them and a little longer. */
public final class Links {

    private static final long LINGER_SECONDS = 5; // a device that is configured anew is closed and opened
    private static final int MOST_BROKERS = 64; // each costs three threads

    private final ScheduledExecutorService thread;
    private final LinkTuning tuning;
    private final Map<BrokerAddress, SharedLink> links = new HashMap<>();
    private boolean closed;

    public Links(ScheduledExecutorService thread, LinkTuning tuning) {
        this.thread = thread;
        this.tuning = tuning;
    }

    /**
     * A share of the connection to a broker; connects in the background if there is none yet.
     *
     * @throws ConfigurationException when certificates cannot be read, or there are too many brokers
     */
    public synchronized Link open(BrokerAddress address, Link.Watcher watcher) throws ConfigurationException {
        if (closed) {
            throw new IllegalStateException("the mapper is ending");
        }
        SharedLink link = links.get(address);
        if (link == null) {
            if (links.size() >= MOST_BROKERS) {
                throw new ConfigurationException("there are more than " + MOST_BROKERS + " brokers or logins at brokers; let devices share them");
            }
            link = new SharedLink(address, tuning, thread);
            links.put(address, link);
            link.start();
        }
        return link.share(watcher, this::unused);
    }

    private void unused(SharedLink link) {
        synchronized (this) {
            if (closed) {
                return;
            }
        }
        thread.schedule(() -> {
            synchronized (this) {
                if (link.isUsed() || !links.remove(link.address(), link)) {
                    return;
                }
            }
            link.close();
        }, LINGER_SECONDS, TimeUnit.SECONDS);
    }

    /** Ends all connections; waits for their goodbyes a second at most. */
    public void close() {
        List<SharedLink> all;
        synchronized (this) {
            closed = true;
            all = new ArrayList<>(links.values());
            links.clear();
        }
        all.forEach(SharedLink::beginClose);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
        all.forEach(link -> link.endClose(Math.max(0, end - System.nanoTime())));
    }
}
