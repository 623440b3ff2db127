package io.kelp.mapper.internal;

import io.kelp.mapper.DeviceHealth.State;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How one device is doing, told to whoever must know: its health, its twins, the cloud's Events, the log. Confined to the timeline. */
final class DeviceStanding {

    private static final Logger LOG = LoggerFactory.getLogger(DeviceStanding.class);

    private final Timeline timeline;
    private final String id;
    private final Outlets outlets;

    DeviceStanding(Timeline timeline, String id, Outlets outlets) {
        this.timeline = timeline;
        this.id = id;
        this.outlets = outlets;
    }

    private boolean state(State now) {
        return outlets.health().state(now, timeline.now());
    }

    void opening() {
        state(State.OPENING);
    }

    /** @param again whether it was unreachable before */
    void online(boolean again) {
        if (state(State.ONLINE) && again) {
            LOG.info("Device {} is back", id);
        }
        outlets.reporter().state("online");
        outlets.events().answered();
    }

    /** @param certain whether its twins are told at once; a device that was well may be back in a moment */
    void offline(String reason, boolean certain) {
        outlets.health().error(reason);
        if (state(State.OFFLINE)) {
            LOG.info("Device {} is unreachable, tried again until it is back: {}", id, reason);
        }
        outlets.events().failed(reason, certain);
        if (certain) {
            outlets.reporter().state("offline");
        }
    }

    void pausing() {
        state(State.OFFLINE);
    }

    /** A call of its driver does not end. */
    void hung(String sentence) {
        hangs(sentence);
        state(State.HUNG);
        outlets.events().failed(sentence, true);
        outlets.reporter().state("offline");
    }

    /** As {@link #hung} for a device that is no longer this driver's: nobody waits for the thread. */
    void hangs(String sentence) {
        outlets.health().error(sentence);
        LOG.warn("Device {}: {}", id, sentence);
    }
}
