package io.kelp.mapper.coap.simulator;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.eclipse.californium.core.CoapResource;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.server.resources.CoapExchange;

/** A resource that is read from, and may be written to, a function. */
final class Node extends CoapResource {

    private final List<Integer> formats;
    private final Function<Integer, byte[]> value;
    private Consumer<byte[]> written;
    private Function<byte[], byte[]> posted;
    private int maxAge = 60;

    /**
     * @param formats content formats that it can give, the usual one first
     * @param value content format → payload
     */
    Node(String name, String type, List<Integer> formats, Function<Integer, byte[]> value) {
        super(name);
        this.formats = formats;
        this.value = value;
        getAttributes().addResourceType(type);
        formats.forEach(getAttributes()::addContentType);
    }

    /** @param write refuses with {@link IllegalArgumentException} */
    Node writable(Consumer<byte[]> write) {
        written = write;
        getAttributes().addInterfaceDescription("core.a");
        return this;
    }

    Node sensor() {
        getAttributes().addInterfaceDescription("core.s");
        return this;
    }

    Node callable(Function<byte[], byte[]> call) {
        posted = call;
        return this;
    }

    /** @param seconds within which it tells again at the latest */
    Node observable(int seconds) {
        maxAge = seconds;
        setObservable(true);
        getAttributes().setObservable();
        return this;
    }

    @Override
    public void handleGET(CoapExchange exchange) {
        int wanted = exchange.getRequestOptions().hasAccept() ? exchange.getRequestOptions().getAccept() : formats.get(0);
        if (!formats.contains(wanted)) {
            exchange.respond(ResponseCode.NOT_ACCEPTABLE);
            return;
        }
        exchange.setMaxAge(maxAge);
        exchange.respond(ResponseCode.CONTENT, value.apply(wanted), wanted);
    }

    @Override
    public void handlePUT(CoapExchange exchange) {
        if (written == null) {
            exchange.respond(ResponseCode.METHOD_NOT_ALLOWED);
            return;
        }
        try {
            written.accept(exchange.getRequestPayload() == null ? new byte[0] : exchange.getRequestPayload());
        } catch (IllegalArgumentException e) {
            exchange.respond(ResponseCode.BAD_REQUEST, e.getMessage());
            return;
        }
        exchange.respond(ResponseCode.CHANGED);
        changed();
    }

    @Override
    public void handlePOST(CoapExchange exchange) {
        if (posted == null) {
            exchange.respond(ResponseCode.METHOD_NOT_ALLOWED);
            return;
        }
        exchange.respond(ResponseCode.CHANGED, posted.apply(exchange.getRequestPayload()), formats.get(0));
    }
}
