package io.kelp.mapper.coap.internal;

import io.kelp.mapper.RequestRefusedException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.coap.Token;
import org.eclipse.californium.core.network.stack.ReliabilityLayerParameters;
import org.eclipse.californium.elements.AddressEndpointContext;

/** One device as a peer: its address, how it is spoken to, and the local end for it. Safe for use by several threads. */
final class Peer {

    private static final int LONGEST_DIAGNOSTIC = 100;

    private final DeviceSettings settings;
    private final Endpoints.Lease lease;
    private final ReliabilityLayerParameters reliability;

    private Peer(DeviceSettings settings, Endpoints.Lease lease) {
        this.settings = settings;
        this.lease = lease;
        this.reliability = ReliabilityLayerParameters.builder().ackTimeout(settings.ackTimeoutMillis()).maxAckTimeout(60_000)
                .ackRandomFactor(1.5f).ackTimeoutScale(2f).maxRetransmit(settings.mostRepetitions()).nstart(1).build();
    }

    /** Looks up the address, anew each time: it may have changed. */
    static Peer of(DeviceSettings settings, Credentials credentials, Endpoints endpoints) throws IOException {
        InetAddress address;
        try {
            address = InetAddress.getByName(settings.host());
        } catch (UnknownHostException e) {
            throw new IOException("the name " + settings.host() + " is not known", e);
        }
        return new Peer(settings, endpoints.take(credentials, new InetSocketAddress(address, settings.port())));
    }

    ScheduledExecutorService thread() {
        return lease.endpoint().thread();
    }

    /** A request that waits to be completed and sent. */
    Request request(CoAP.Code code, Resource resource) {
        Request request = new Request(code);
        request.setScheme(settings.secure() ? CoAP.COAP_SECURE_URI_SCHEME : CoAP.COAP_URI_SCHEME);
        boolean named = !settings.host().matches("[0-9.]+|.*:.*");
        request.setDestinationContext(new AddressEndpointContext(lease.peer(), named ? settings.host() : null, null));
        if (named) {
            request.getOptions().setUriHost(settings.host().toLowerCase(java.util.Locale.ROOT)); // RFC 7252 §6.4
        }
        resource.into(request.getOptions());
        request.setReliabilityLayerParameters(reliability);
        return request;
    }

    /** Completes with the answer, whatever its code; fails with {@link IOException}. */
    CompletableFuture<Response> send(Request request) {
        return lease.endpoint().send(request, settings.timeout().toMillis());
    }

    /** Sends a request and waits. */
    Response ask(Request request) throws IOException, InterruptedException {
        return await(send(request), settings.timeout().toMillis() + 1000);
    }

    static <T> T await(CompletableFuture<T> future, long millis) throws IOException, InterruptedException {
        try {
            return future.get(millis, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            throw new IllegalStateException(e.getCause());
        } catch (TimeoutException e) {
            throw new InterruptedIOException("no answer within " + millis + " ms");
        }
    }

    void observe(Token token, Consumer<Response> observer) {
        lease.endpoint().observe(token, observer);
    }

    /** @param lost whether the device has not answered, so that what it knows of us is in doubt */
    void close(boolean lost) {
        if (lost) {
            lease.endpoint().forget(lease.peer());
        }
        lease.giveBack();
    }

    /** What a device says that will not do something: {@code PUT /x: 4.05 Method Not Allowed, "read only"}. */
    static String refusal(String verb, Resource resource, Response response) {
        String text = response.getPayloadSize() == 0 || response.getOptions().hasContentFormat() && response.getOptions().getContentFormat() != 0
                ? "" : response.getPayloadString().replaceAll("\\p{Cntrl}", " ");
        return verb + " " + resource + ": " + response.getCode() + " " + words(response.getCode())
                + (text.isEmpty() ? "" : ", \"" + (text.length() > LONGEST_DIAGNOSTIC ? text.substring(0, LONGEST_DIAGNOSTIC) + "…" : text) + '"');
    }

    private static String words(CoAP.ResponseCode code) {
        return code.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
    }

    static RequestRefusedException refused(String verb, Resource resource, Response response) {
        return new RequestRefusedException(refusal(verb, resource, response));
    }
}
