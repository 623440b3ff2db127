package io.kelp.samples.twinhttp;

import io.kelp.devicetwin.DeviceTwins;
import io.kelp.devicetwin.DeviceTwins.Device;
import io.kelp.devicetwin.DeviceTwins.DeviceId;
import io.kelp.devicetwin.DeviceTwins.Twin;
import io.kelp.devicetwin.DeviceTwins.Value;
import io.kelp.runtime.osgi.PodContext;
import io.kelp.samples.twinhttp.HttpServer.Answer;
import io.kelp.samples.twinhttp.HttpServer.Request;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** Shows the twin of one property of a device, and sets the desired value of another: {@code GET /}, {@code PUT /}. */
@Component(immediate = true, configurationPid = "twin-http")
public final class TwinHttp {

    private static final long DEADLINE_SECONDS = 5;

    private final TwinHttpConfig config;
    private final DeviceTwins twins;
    private final DeviceId device;
    private final HttpServer server;

    @Activate
    public TwinHttp(TwinHttpConfig config, @Reference PodContext pod, @Reference DeviceTwins twins) throws IOException {
        this.config = config;
        this.twins = twins;
        this.device = new DeviceId(pod.namespace(), config.device());
        int port = pod.port("http").orElseThrow(() -> new IllegalArgumentException("the pod declares no port named http; add one to its container"));
        this.server = new HttpServer(pod.address(), port, this::answer);
        System.out.println("listening on http://" + pod.address() + ":" + port + "/");
    }

    @Deactivate
    void stop() throws IOException {
        server.close();
    }

    private Answer answer(Request request) {
        return switch (request.method()) {
            case "GET", "HEAD" -> page();
            case "PUT" -> set(request.body().strip());
            default -> new Answer(405, "GET or PUT, please\n");
        };
    }

    private Answer page() {
        Optional<Device> found = twins.device(device);
        if (found.isEmpty()) {
            return new Answer(503, "There is no device " + device + " at this gateway.\n");
        }
        String shown = line(found.get(), config.shows());
        return new Answer(200, config.greeting() + "\n" + shown + line(found.get(), config.sets()));
    }

    private static String line(Device device, String property) {
        Twin twin = device.twins().get(property);
        return device.id().name() + " " + property + ": " + (twin == null ? "not a property of this device"
                : "reported " + text(twin.reported()) + ", desired " + text(twin.desired())) + "\n";
    }

    private static String text(Value value) {
        return value == null ? "nothing yet" : value.text();
    }

    private Answer set(String value) {
        try {
            twins.setDesired(device, config.sets(), value).toCompletableFuture().get(DEADLINE_SECONDS, TimeUnit.SECONDS);
            System.out.println("desired value of " + config.sets() + " set to " + value);
            return new Answer(200, device.name() + " " + config.sets() + " shall be " + value + "\n");
        } catch (ExecutionException e) {
            return new Answer(400, e.getCause().getMessage() + "\n");
        } catch (TimeoutException e) {
            return new Answer(503, "The gateway did not take the value within " + DEADLINE_SECONDS + " s.\n");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Answer(503, "stopping\n");
        }
    }
}
