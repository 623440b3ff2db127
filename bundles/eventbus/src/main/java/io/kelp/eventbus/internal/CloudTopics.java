package io.kelp.eventbus.internal;

import com.google.gson.JsonPrimitive;
import io.kelp.broker.TopicFilter;
import io.kelp.edgehub.CloudLink;
import io.kelp.edgehub.CloudMessageHandler;
import io.kelp.message.Message;
import io.kelp.store.RecordCollection;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/**
 * The way between MQTT and the cloud's router (specification of devices, sections 4.2, 4.4 and 4.5).
 *
 * <p>Uploads that cannot go at once wait in memory, bounded; the newest are kept, and they do not
 * outlast a restart. State is touched by the bus's thread alone.
 */
final class CloudTopics implements CloudMessageHandler {

    private static final String SOURCE = "router_eventbus";
    private static final String GROUP = "user";
    private static final List<String> FIXED = List.of("$hw/events/upload/#", "SYS/dis/upload_records", "+/user/#");
    private static final long RETRY_MILLIS = 500;

    /** What it needs of the bus. */
    interface Bus {

        void execute(Runnable task);

        void schedule(Runnable task, long millis);

        boolean publish(String topic, byte[] payload);

        /** These filters are to be received from now on. */
        void receive(List<String> filters, Dispatcher.Receiver receiver);
    }

    private record Upload(String topic, byte[] payload) {
        int size() {
            return topic.length() + payload.length;
        }
    }

    private final Bus bus;
    private final int maxUploads;
    private final long maxUploadBytes;
    private final int maxTopics;
    private final Set<String> dynamic = new TreeSet<>();
    private final ArrayDeque<Upload> waiting = new ArrayDeque<>();
    private final LongAdder uploaded = new LongAdder();
    private final LongAdder dropped = new LongAdder();
    private RecordCollection<String> stored;
    private CloudLink link;
    private long waitingBytes;
    private boolean retryPlanned;
    private volatile int waitingCount;

    CloudTopics(Bus bus, int maxUploads, long maxUploadBytes, int maxTopics) {
        this.bus = bus;
        this.maxUploads = maxUploads;
        this.maxUploadBytes = maxUploadBytes;
        this.maxTopics = maxTopics;
    }

    /** Begins to listen to the topics that always go up. */
    void start() {
        bus.execute(this::receive);
    }

    /** @param topics the collection of subscribed topics; null when the store is gone */
    void store(RecordCollection<String> topics) {
        bus.execute(() -> {
            stored = topics;
            if (topics != null) {
                topics.snapshot().keySet().stream().filter(TopicFilter::isFilter).limit(maxTopics).forEach(dynamic::add);
                receive();
            }
        });
    }

    /** @param newLink null when it is gone */
    void link(CloudLink newLink) {
        bus.execute(() -> {
            link = newLink;
            flush();
        });
    }

    long uploaded() {
        return uploaded.sum();
    }

    long dropped() {
        return dropped.sum();
    }

    int waiting() {
        return waitingCount;
    }

    @Override
    public boolean claims(Message message) {
        return SOURCE.equals(message.source()) && GROUP.equals(message.group());
    }

    @Override
    public CompletionStage<Void> handle(Message message) {
        String topic = message.resource();
        return switch (message.operation()) {
            case "publish" -> publish(topic, message);
            case "subscribe" -> onBus(done -> subscribe(topic, done));
            case "unsubscribe" -> onBus(done -> unsubscribe(topic, done));
            default -> refused("the event bus does not know the operation \"" + message.operation() + "\"");
        };
    }

    @Override
    public void connected(CloudLink.Peer peer) {
        bus.execute(this::flush);
    }

    private CompletionStage<Void> publish(String topic, Message message) {
        if (!TopicFilter.isName(topic)) {
            return refused("cannot publish to the topic \"" + topic + "\": it is empty or has wildcards");
        }
        boolean text = message.content().isJsonPrimitive() && message.content().getAsJsonPrimitive().isString();
        String payload = message.content().isJsonNull() ? "" : text ? message.content().getAsString() : message.content().toString();
        if (!bus.publish(topic, payload.getBytes(StandardCharsets.UTF_8))) {
            return refused("cannot publish to the topic \"" + topic + "\": there is no MQTT broker at present, or its queue is full");
        }
        return CompletableFuture.completedFuture(null);
    }

    private void subscribe(String topic, CompletableFuture<Void> done) {
        if (!TopicFilter.isFilter(topic)) {
            done.completeExceptionally(new IllegalArgumentException("cannot subscribe to \"" + topic + "\": no topic filter of MQTT"));
        } else if (!dynamic.contains(topic) && dynamic.size() >= maxTopics) {
            done.completeExceptionally(new IllegalStateException("cannot subscribe to \"" + topic + "\": "
                    + maxTopics + " topics are subscribed, maxCloudTopics of io.kelp.eventbus allows no more"));
        } else {
            if (dynamic.add(topic)) {
                receive();
            }
            keep(stored == null ? null : stored.put(topic, topic), done);
        }
    }

    private void unsubscribe(String topic, CompletableFuture<Void> done) {
        if (dynamic.remove(topic)) {
            receive();
        }
        keep(stored == null ? null : stored.remove(topic), done);
    }

    private static void keep(CompletionStage<Void> write, CompletableFuture<Void> done) {
        if (write == null) {
            done.completeExceptionally(new IllegalStateException("the topic holds until the gateway restarts: the store is absent"));
            return;
        }
        write.whenComplete((nothing, failure) -> {
            if (failure == null) {
                done.complete(null);
            } else {
                done.completeExceptionally(failure);
            }
        });
    }

    private void receive() {
        List<String> filters = new ArrayList<>(FIXED);
        filters.addAll(dynamic);
        bus.receive(filters, this::upload);
    }

    /** Device and node topics belong to the twins, whoever else subscribed them (section 4.2). */
    private void upload(String topic, byte[] payload) {
        if (isTwins(topic, "$hw/events/device") || isTwins(topic, "$hw/events/node")) {
            return;
        }
        Upload upload = new Upload(topic, payload);
        if (waiting.isEmpty() && send(upload)) {
            return;
        }
        waiting.add(upload);
        waitingBytes += upload.size();
        while (!waiting.isEmpty() && (waiting.size() > maxUploads || waitingBytes > maxUploadBytes)) {
            waitingBytes -= waiting.poll().size();
            dropped.increment();
        }
        waitingCount = waiting.size();
        planRetry();
    }

    private void flush() {
        while (!waiting.isEmpty() && send(waiting.peek())) {
            waitingBytes -= waiting.poll().size();
        }
        waitingCount = waiting.size();
        planRetry();
    }

    /** The link says when it is back, but not when its queue has room again. */
    private void planRetry() {
        if (!retryPlanned && !waiting.isEmpty() && link != null && link.status().state() == CloudLink.State.CONNECTED) {
            retryPlanned = true;
            bus.schedule(() -> {
                retryPlanned = false;
                flush();
            }, RETRY_MILLIS);
        }
    }

    private boolean send(Upload upload) {
        if (link == null) {
            return false;
        }
        boolean sent = link.send(Message.create("bus", GROUP, "upload", upload.topic(),
                new JsonPrimitive(new String(upload.payload(), StandardCharsets.UTF_8))));
        if (sent) {
            uploaded.increment();
        }
        return sent;
    }

    private CompletionStage<Void> onBus(Consumer<CompletableFuture<Void>> step) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        bus.execute(() -> step.accept(done));
        return done;
    }

    private static boolean isTwins(String topic, String prefix) {
        return topic.equals(prefix) || topic.startsWith(prefix + "/");
    }

    private static CompletionStage<Void> refused(String reason) {
        return CompletableFuture.failedFuture(new IllegalArgumentException(reason));
    }
}
