package io.kelp.mapper.coap.internal;

import io.kelp.mapper.AsyncConnection;
import io.kelp.mapper.CallableDevice;
import io.kelp.mapper.DeviceContext;
import io.kelp.mapper.DeviceMethod;
import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.DiscoveringDevice;
import io.kelp.mapper.PropertyValue;
import io.kelp.mapper.Reading;
import io.kelp.mapper.SuggestedProperty;
import io.kelp.mapper.coap.internal.codec.Format;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.californium.core.coap.CoAP.Code;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An open CoAP device: one request at a time, one for all properties of the same resource. */
final class CoapConnection implements AsyncConnection, CallableDevice, DiscoveringDevice {

    private static final Logger LOG = LoggerFactory.getLogger(CoapConnection.class);
    private static final long FAREWELL_MILLIS = 1000;

    private final DeviceSettings settings;
    private final Peer peer;
    private final InstantSource clock;
    private final List<Observation> observations = new ArrayList<>();
    private final Set<String> published = new LinkedHashSet<>();
    /** Format in which each resource has answered, to write in the same. */
    private final Map<Resource, Format> formats = new ConcurrentHashMap<>();
    private volatile boolean lost;

    private CoapConnection(DeviceSettings settings, Peer peer, InstantSource clock) {
        this.settings = settings;
        this.peer = peer;
        this.clock = clock;
    }

    /** Connects: asks the device for something, so that one which does not answer is noticed, and registers what is observed. */
    static CoapConnection open(DeviceSettings settings, Peer peer, DeviceContext context, InstantSource clock)
            throws IOException, InterruptedException {
        CoapConnection connection = new CoapConnection(settings, peer, clock);
        boolean opened = false;
        try {
            connection.connect(context);
            opened = true;
            return connection;
        } finally {
            if (!opened) {
                connection.lost = true;
                connection.close();
            }
        }
    }

    private void connect(DeviceContext context) throws IOException, InterruptedException {
        Map<Access.Question, List<Access>> observed = new LinkedHashMap<>();
        settings.properties().values().stream().filter(Access::observe)
                .forEach(access -> observed.computeIfAbsent(access.question(), q -> new ArrayList<>()).add(access));
        for (Map.Entry<Access.Question, List<Access>> group : observed.entrySet()) {
            Observation observation = new Observation(peer, this, group.getKey(), group.getValue(), settings, context);
            observations.add(observation);
            if (Peer.await(observation.start(), settings.timeout().toMillis() + 1000)) {
                group.getValue().forEach(access -> published.add(access.property().name()));
            }
        }
        if (observed.isEmpty()) {
            // Any answer will do, also a refusal: the device is there.
            Optional<Access> first = settings.properties().values().stream().filter(Access::readable).findFirst();
            peer.ask(first.map(access -> get(access.question())).orElseGet(() -> peer.request(Code.GET, Discovery.CORE)));
        }
    }

    @Override
    public Set<String> published() {
        return Set.copyOf(published);
    }

    @Override
    public boolean readsBack(DeviceProperty property) {
        return access(property).readsBack();
    }

    private Access access(DeviceProperty property) {
        return settings.properties().get(property.name());
    }

    Request get(Access.Question question) {
        Request request = peer.request(Code.GET, question.resource());
        if (question.accept() >= 0) {
            request.getOptions().setAccept(question.accept());
        }
        return request;
    }

    @Override
    public CompletionStage<Map<String, Reading>> readAsync(List<DeviceProperty> properties) {
        Map<Access.Question, List<Access>> questions = new LinkedHashMap<>();
        properties.stream().map(this::access).filter(Access::readable)
                .forEach(access -> questions.computeIfAbsent(access.question(), q -> new ArrayList<>()).add(access));
        CompletableFuture<Map<String, Reading>> all = CompletableFuture.completedFuture(new LinkedHashMap<>());
        for (Map.Entry<Access.Question, List<Access>> question : questions.entrySet()) {
            all = all.thenCompose(readings -> peer.send(get(question.getKey())).thenApply(response -> {
                readings.putAll(readings(question.getKey(), question.getValue(), response));
                return readings;
            }));
        }
        return failAsDeviceWould(all);
    }

    /** What an answer says of the properties that it is about. */
    Map<String, Reading> readings(Access.Question question, List<Access> asked, Response response) {
        Map<String, Reading> readings = new LinkedHashMap<>();
        if (!response.isSuccess()) {
            Reading bad = Reading.bad(Peer.refusal("GET", question.resource(), response));
            asked.forEach(access -> readings.put(access.property().name(), bad));
            return readings;
        }
        int contentFormat = response.getOptions().hasContentFormat() ? response.getOptions().getContentFormat() : -1;
        Format.ofNumber(contentFormat).ifPresent(format -> formats.put(question.resource(), format));
        byte[] payload = response.getPayload() == null ? new byte[0] : response.getPayload();
        long now = clock.millis();
        for (Access access : asked) {
            Reading reading = access.shape().decode(payload, contentFormat, now);
            readings.put(access.property().name(), reading.quality() == Reading.Quality.BAD
                    ? Reading.bad("GET " + question.resource() + ": " + reading.reason()) : reading);
        }
        return readings;
    }

    @Override
    public CompletionStage<Optional<Reading>> writeAsync(DeviceProperty property, PropertyValue value) {
        Access access = access(property);
        Format format = access.writeFormat().or(() -> Optional.ofNullable(formats.get(access.write())))
                .orElse(access.shape().pointer().tokens().isEmpty() ? Format.TEXT : Format.JSON);
        Request request = peer.request(access.post() ? Code.POST : Code.PUT, access.write());
        request.getOptions().setContentFormat(format.number());
        request.setPayload(access.payload(value, format));
        CompletableFuture<Optional<Reading>> done = peer.send(request).thenCompose(response -> response.isSuccess()
                ? CompletableFuture.completedFuture(Optional.empty())
                : CompletableFuture.failedFuture(Peer.refused(access.post() ? "POST" : "PUT", access.write(), response)));
        return failAsDeviceWould(done);
    }

    /** Stages that follow others wrap failures; the runtime knows that, but whoever looks at {@link #lost} wants it noted. */
    private <T> CompletableFuture<T> failAsDeviceWould(CompletableFuture<T> stage) {
        return stage.whenComplete((value, failure) -> {
            Throwable cause = failure instanceof java.util.concurrent.CompletionException && failure.getCause() != null ? failure.getCause() : failure;
            if (cause instanceof IOException && !(cause instanceof io.kelp.mapper.RequestRefusedException)) {
                lost = true;
            }
        });
    }

    void lost() {
        lost = true;
    }

    @Override
    public boolean calls(DeviceMethod method) {
        return settings.methods().containsKey(method.name());
    }

    @Override
    public Map<String, String> call(DeviceMethod method, Map<String, PropertyValue> arguments) throws IOException, InterruptedException {
        return new MethodCaller(peer, settings).call(settings.methods().get(method.name()), arguments);
    }

    @Override
    public List<SuggestedProperty> discover() throws IOException, InterruptedException {
        return Discovery.of(peer.ask(peer.request(Code.GET, Discovery.CORE)));
    }

    @Override
    public void close() throws InterruptedException {
        List<CompletableFuture<?>> told = new ArrayList<>();
        observations.forEach(observation -> told.add(observation.stop(!lost)));
        try {
            CompletableFuture.allOf(told.toArray(CompletableFuture[]::new)).get(FAREWELL_MILLIS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("A device was not told that nobody observes it any more; it will notice"); // by our resets
        } finally {
            peer.close(lost);
        }
    }
}
