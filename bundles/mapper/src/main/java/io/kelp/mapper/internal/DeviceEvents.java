package io.kelp.mapper.internal;

import io.kelp.devicetwin.DeviceTwins.Device;
import io.kelp.devicetwin.DeviceTwins.Generation;
import io.kelp.edged.ObjectEvents;
import io.kelp.edged.ObjectEvents.ObjectReference;
import io.kelp.edged.ObjectEvents.Type;
import io.kelp.mapper.internal.Timeline.Alarm;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Kubernetes Events of one device: unreachable and back again, a desired value refused, misconfigured. A blip is nobody's business,
 * and a device that comes and goes all the time is told of now and then, with a count. Confined to the timeline.
 */
final class DeviceEvents {

    static final String UNREACHABLE = "DeviceUnreachable";
    static final String REACHABLE = "DeviceReachable";
    static final String REFUSED = "DesiredValueRefused";
    static final String MISCONFIGURED = "DeviceMisconfigured";

    /** An interruption that is over within this time is not told. */
    static final Duration BLIP = Duration.ofSeconds(1);

    /** So many interruptions are told at once, and one more in each such time. */
    private static final int BURST = 6;
    private static final long REFILL_NANOS = Duration.ofMinutes(1).toNanos();

    private final Timeline timeline;
    private final ObjectEvents events;
    private final Map<String, String> refusals = new HashMap<>(); // told last, by property
    private ObjectReference object;
    private String misconfiguration = "";
    private Alarm alarm = () -> {};
    private boolean down;
    private boolean counted; // it is more than one failed attempt
    private boolean told;
    private boolean before; // it was down already when this gateway started
    private long downSince;
    private String reason = "";
    private int interruptions; // not told
    private double tokens = BURST;
    private long tokensAt;

    /** @param first the device as it is when this runtime meets it first: what it says already has been told */
    DeviceEvents(Timeline timeline, ObjectEvents events, Device first) {
        this.timeline = timeline;
        this.events = events;
        this.tokensAt = timeline.nanos();
        this.before = first.state().equals("offline");
        object(first);
        first.twins().forEach((property, twin) -> {
            if (!twin.error().isEmpty()) {
                refusals.put(property, twin.error());
            }
        });
    }

    /** The device as it is now; an error that its twins have by themselves is told. */
    void changed(Device device) {
        object(device);
        device.twins().forEach((property, twin) -> {
            if (!twin.error().isEmpty()) {
                refused(property, twin.error());
            }
        });
    }

    private void object(Device device) {
        var metadata = Json.object(device.object(), "metadata");
        String version = Json.text(device.object(), "apiVersion"); // may have been lost on the way
        if (version.isEmpty()) {
            version = "devices.kubeedge.io/" + (device.generation() == Generation.CLASSIC ? "v1alpha2" : "v1beta1");
        }
        object = new ObjectReference(version, "Device", device.id().namespace(), device.id().name(), Json.text(metadata, "uid"));
    }

    /**
     * The device does not answer.
     *
     * @param certain whether it has been tried again in vain
     */
    void failed(String why, boolean certain) {
        reason = why;
        if (!down) {
            down = true;
            downSince = timeline.nanos();
        }
        if (certain && !counted) {
            counted = true;
            Duration rest = BLIP.minusNanos(timeline.nanos() - downSince);
            alarm = timeline.after(rest.isNegative() ? Duration.ZERO : rest, this::tellDown);
        }
    }

    private void tellDown() {
        if (!down || told) {
            return;
        }
        if (!token()) {
            alarm = timeline.after(Duration.ofNanos(REFILL_NANOS), this::tellDown);
            return;
        }
        told = true;
        String earlier = interruptions == 0 ? "" : "; " + interruptions + " interruptions before this one were not told";
        interruptions = 0;
        event(Type.WARNING, UNREACHABLE, "Device does not answer: " + reason + earlier);
    }

    private boolean token() {
        long now = timeline.nanos();
        tokens = Math.min(BURST, tokens + (double) (now - tokensAt) / REFILL_NANOS);
        tokensAt = now;
        if (tokens < 1) {
            return false;
        }
        tokens--;
        return true;
    }

    /** The device answers. */
    void answered() {
        misconfiguration = "";
        alarm.cancel();
        if (before) {
            before = false;
            event(Type.NORMAL, REACHABLE, "Device answers again; it did not before the gateway was started");
        } else if (told) {
            event(Type.NORMAL, REACHABLE, "Device answers again after " + spoken(Duration.ofNanos(timeline.nanos() - downSince)));
        } else if (counted && timeline.nanos() - downSince >= BLIP.toNanos()) {
            interruptions++;
        }
        down = false;
        counted = false;
        told = false;
    }

    /** A desired value was not taken. */
    void refused(String property, String sentence) {
        if (!sentence.equals(refusals.put(property, sentence))) {
            event(Type.WARNING, REFUSED, sentence);
        }
    }

    /** The desired value of a property was taken, or there is none any more. */
    void taken(String property) {
        refusals.remove(property);
    }

    void misconfigured(String sentence) {
        if (!sentence.equals(misconfiguration)) {
            misconfiguration = sentence;
            event(Type.WARNING, MISCONFIGURED, sentence);
        }
    }

    /** The device is no longer driven by anybody here: nothing more is to be told of the interruption at hand. */
    void released() {
        alarm.cancel();
        if (!told) {
            down = false;
            counted = false;
        }
    }

    private void event(Type type, String kind, String message) {
        events.record(object, type, kind, message);
    }

    /** The two greatest units: {@code 3 min 20 s}, {@code 2 d 4 h}. */
    static String spoken(Duration time) {
        long seconds = Math.max(0, time.toSeconds());
        if (seconds < 60) {
            return seconds + " s";
        }
        if (seconds < 3_600) {
            return seconds / 60 + " min " + seconds % 60 + " s";
        }
        if (seconds < 86_400) {
            return seconds / 3_600 + " h " + seconds % 3_600 / 60 + " min";
        }
        return seconds / 86_400 + " d " + seconds % 86_400 / 3_600 + " h";
    }
}
