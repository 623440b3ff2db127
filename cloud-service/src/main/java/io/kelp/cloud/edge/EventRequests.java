package io.kelp.cloud.edge;

import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.kelp.cloud.hub.NodeSession;
import io.kelp.cloud.kube.KubeApi;
import io.kelp.cloud.kube.KubeApi.PatchType;
import io.kelp.cloud.kube.KubeException;
import io.kelp.message.MalformedMessageException;
import io.kelp.message.Message;
import io.kelp.message.MessageCodec;
import io.kelp.message.Operation;
import io.kelp.message.ResourcePath;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Events of an edge. Stock edges get no answer; a Kelp gateway gets {@code OK} once an Event is written or can never be, so that it can keep
 * and repeat those that were on the way to a replica that died. Those of one gateway are written one after the other, as a patch means nothing
 * before what it patches, and no faster than the API server of many gateways can bear: what was gathered while offline comes at once.
 */
final class EventRequests {

    private static final Logger LOG = LoggerFactory.getLogger(EventRequests.class);
    private static final int WAITING = 1000;
    private static final int BURST = 300;
    private static final int PER_SECOND = 10;
    private static final int TRIES = 30;
    private static final long RETRY_MILLIS = 2000;

    private final KubeApi kube;
    private final EdgeObjects objects;
    private final BiFunction<String, String, Optional<String>> nodeOfDevice;
    private final Map<String, Lane> lanes = new ConcurrentHashMap<>();

    EventRequests(KubeApi kube, EdgeObjects objects, BiFunction<String, String, Optional<String>> nodeOfDevice) {
        this.kube = kube;
        this.objects = objects;
        this.nodeOfDevice = nodeOfDevice;
    }

    /** @param event the whole Event; what is written when there is nothing to patch or update */
    private record Write(String operation, ResourcePath path, JsonObject event, String patch, Runnable done) {}

    void handle(NodeSession session, Message message, ResourcePath path) {
        Runnable done = () -> {
            if (session.isKelp()) {
                session.send(EdgeController.answer(message, new JsonPrimitive("OK")));
            }
        };
        try {
            Write write = read(message, path, done);
            String foreign = foreign(session.node(), write);
            if (!foreign.isEmpty()) {
                session.complain("event " + path + " refused: it is about " + foreign);
                write.done().run();
                return;
            }
            lanes.computeIfAbsent(session.node(), Lane::new).add(session, write);
        } catch (MalformedMessageException e) {
            session.complain("event " + path + " is malformed: " + e.getMessage());
            done.run(); // it can never be written; those behind it can
        }
    }

    private static Write read(Message message, ResourcePath path, Runnable done) throws MalformedMessageException {
        JsonObject content = MessageCodec.object(message);
        return switch (message.operation()) {
            case Operation.INSERT, Operation.UPDATE -> new Write(message.operation(), path, content, "", done);
            case Operation.PATCH -> new Write(message.operation(), path,
                    content.get("event") instanceof JsonObject event ? event : new JsonObject(), Json.string(content, "patchData"), done);
            default -> throw new MalformedMessageException("operation " + message.operation() + " is not one of events");
        };
    }

    /** What the Event is about if that is another gateway's Node, pod or device. */
    private String foreign(String node, Write write) {
        String kind = Json.string(write.event(), "involvedObject", "kind");
        String name = Json.string(write.event(), "involvedObject", "name");
        boolean others = kind.equals("Node") && !name.equals(node) || kind.equals("Pod")
                && objects.nodeOfPod(write.path().namespace(), name).filter(there -> !there.equals(node)).isPresent()
                || kind.equals("Device") && nodeOfDevice.apply(write.path().namespace(), name).filter(there -> !there.equals(node)).isPresent();
        return others ? kind + " " + name : "";
    }

    private CompletableFuture<JsonObject> send(Write write) {
        ResourcePath path = write.path();
        String collection = ApiPath.core(path.namespace(), "events");
        String place = ApiPath.core(path.namespace(), "events", path.name());
        return switch (write.operation()) {
            case Operation.INSERT -> kube.create(collection, typed(write.event()));
            case Operation.UPDATE -> kube.update(place, typed(write.event()));
            default -> kube.patch(place, PatchType.STRATEGIC, write.patch());
        };
    }

    private static JsonObject typed(JsonObject event) {
        JsonObject copy = event.deepCopy();
        copy.addProperty("kind", "Event");
        copy.addProperty("apiVersion", "v1");
        return copy;
    }

    /** Events are kept for an hour; one that goes on being true is then written anew. */
    private static Write anew(Write write) {
        JsonObject event = write.event().deepCopy();
        if (event.get("metadata") instanceof JsonObject metadata) {
            metadata.remove("resourceVersion");
            metadata.remove("uid");
        }
        return new Write(Operation.INSERT, write.path(), event, "", write.done());
    }

    /** The events of one gateway. */
    private final class Lane {

        private final String node;
        private final Queue<Write> waiting = new ArrayDeque<>();
        private double tokens = BURST;
        private long filled = System.nanoTime();
        private boolean running;
        private int tries;

        private Lane(String node) {
            this.node = node;
        }

        private void add(NodeSession session, Write write) {
            synchronized (this) {
                if (waiting.size() >= WAITING) {
                    session.complain("its events come faster than they can be written; those beyond " + WAITING + " are dropped");
                    return;
                }
                waiting.add(write);
                if (running) {
                    return;
                }
                running = true;
            }
            next();
        }

        private void next() {
            Write write;
            long pause;
            synchronized (this) {
                write = waiting.peek();
                if (write == null) {
                    running = false;
                    return;
                }
                pause = pauseMillis();
            }
            if (pause > 0) {
                later(pause).execute(this::next);
            } else {
                send(write).whenComplete((done, failure) -> ended(write, failure == null ? null : Causes.of(failure)));
            }
        }

        private void ended(Write write, Throwable cause) {
            boolean unreachable = cause != null && !(cause instanceof KubeException refused && refused.code() < 500 && refused.code() != 429);
            boolean missing = Answers.isNotFound(cause) && !write.operation().equals(Operation.INSERT) && !write.event().isEmpty();
            synchronized (this) {
                if (unreachable && ++tries < TRIES) {
                    later(RETRY_MILLIS).execute(this::next);
                    return;
                }
                tries = 0;
                waiting.poll();
            }
            if (missing) {
                send(anew(write)).whenComplete((done, failure) -> ended(failure == null ? null : Causes.of(failure), write));
            } else {
                ended(cause, write);
            }
        }

        private void ended(Throwable cause, Write write) {
            if (cause != null) {
                LOG.debug("Node {}: event {} not written: {}", node, write.path(), cause.getMessage());
            }
            write.done().run();
            next();
        }

        /** Takes a token; zero when there was one. */
        private long pauseMillis() {
            long now = System.nanoTime();
            tokens = Math.min(BURST, tokens + (now - filled) * PER_SECOND / 1e9);
            filled = now;
            if (tokens < 1) {
                return 1000 / PER_SECOND;
            }
            tokens--;
            return 0;
        }

        private Executor later(long millis) {
            return CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS);
        }
    }
}
