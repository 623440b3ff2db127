package io.kelp.message;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.util.Objects;
import java.util.UUID;

/**
 * One message of the channel between cloud and edge (KubeEdge channel specification, section 3.1).
 *
 * <p>Immutable as long as nobody changes the JSON tree in {@code content}; whoever wants to change
 * it takes a {@link JsonElement#deepCopy() copy} first. Safe for use by several threads.
 *
 * @param header identification of the message, never {@code null}
 * @param route who sends what about which resource, never {@code null}
 * @param content payload, {@link JsonNull} when there is none, never {@code null}
 */
public record Message(Header header, Route route, JsonElement content) {

    public Message {
        Objects.requireNonNull(header, "header");
        Objects.requireNonNull(route, "route");
        content = content == null ? JsonNull.INSTANCE : content;
    }

    /**
     * Identification of a message.
     *
     * @param id UUID version 4 in lower case; empty only in the farewell message of a stock edge
     * @param parentId id of the message that this one answers, empty when it answers none
     * @param timestampMillis Unix time of the sender in milliseconds
     * @param resourceVersion Kubernetes {@code resourceVersion} of the object in the content, empty when there is none
     */
    public record Header(String id, String parentId, long timestampMillis, String resourceVersion) {
        public Header {
            Objects.requireNonNull(id, "id");
            Objects.requireNonNull(parentId, "parentId");
            Objects.requireNonNull(resourceVersion, "resourceVersion");
        }
    }

    /**
     * Origin, addressee, verb and object of a message; each part may be empty, none is {@code null}.
     *
     * @param source producing module, for example {@code edgecontroller}
     * @param group receiving group, for example {@code resource}
     * @param operation verb, see {@link Operation}
     * @param resource path, see {@link ResourcePath}
     */
    public record Route(String source, String group, String operation, String resource) {
        public Route {
            Objects.requireNonNull(source, "source");
            Objects.requireNonNull(group, "group");
            Objects.requireNonNull(operation, "operation");
            Objects.requireNonNull(resource, "resource");
        }
    }

    /** A new message with a fresh id and the current time that answers nothing. */
    public static Message create(String source, String group, String operation, String resource, JsonElement content) {
        return new Message(newHeader("", ""), new Route(source, group, operation, resource), content);
    }

    /** A new message that carries the {@code resourceVersion} of the object in its content. */
    public static Message ofObject(
            String source, String group, String operation, String resource, String resourceVersion, JsonElement content) {
        return new Message(newHeader("", resourceVersion), new Route(source, group, operation, resource), content);
    }

    /**
     * The answer to this message: fresh id, this message's id as parent, same source, group and
     * resource, operation {@code response} (specification section 3.3).
     */
    public Message respond(JsonElement answer) {
        return new Message(newHeader(id(), ""),
                new Route(source(), group(), Operation.RESPONSE, resource()), answer);
    }

    /** The positive acknowledgement of this message: {@link #respond} with the text {@code OK}. */
    public Message acknowledge() {
        return respond(new JsonPrimitive("OK"));
    }

    /**
     * The negative answer to this message: operation {@code error}, text content.
     *
     * @param source module that refuses, for example {@code metamanager}
     * @param reason what is wrong, for people
     */
    public Message refuse(String source, String reason) {
        return new Message(newHeader(id(), ""),
                new Route(source, group(), Operation.ERROR, resource()), new JsonPrimitive(reason));
    }

    /** The same message about another resource. */
    public Message withResource(String resource) {
        return new Message(header, new Route(source(), group(), operation(), resource), content);
    }

    /** The same message from another source to another group. */
    public Message withSourceAndGroup(String source, String group) {
        return new Message(header, new Route(source, group, operation(), resource()), content);
    }

    /** The same message with the {@code resourceVersion} of the object that it answers with. */
    public Message withResourceVersion(String resourceVersion) {
        return new Message(new Header(id(), parentId(), header.timestampMillis(), resourceVersion), route, content);
    }

    public String id() {
        return header.id();
    }

    public String parentId() {
        return header.parentId();
    }

    /** Whether this message answers or acknowledges another one. */
    public boolean isAnswer() {
        return !header.parentId().isEmpty();
    }

    public String resourceVersion() {
        return header.resourceVersion();
    }

    public String source() {
        return route.source();
    }

    public String group() {
        return route.group();
    }

    public String operation() {
        return route.operation();
    }

    public String resource() {
        return route.resource();
    }

    /**
     * The content as JSON, also when the sender wrapped the JSON text into a string, as stock
     * edges do for patches and states (specification section 3.2).
     *
     * @throws JsonParseException when the content is a string that holds no JSON
     */
    public JsonElement contentAsJson() {
        if (content.isJsonPrimitive() && content.getAsJsonPrimitive().isString()) {
            return JsonParser.parseString(content.getAsString());
        }
        return content;
    }

    private static Header newHeader(String parentId, String resourceVersion) {
        return new Header(UUID.randomUUID().toString(), parentId, System.currentTimeMillis(), resourceVersion);
    }
}
