package io.kelp.mapper.coap.simulator;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.network.Exchange;
import org.eclipse.californium.core.network.interceptors.MessageInterceptorAdapter;
import org.eclipse.californium.core.server.ServerMessageDeliverer;
import org.eclipse.californium.core.server.resources.Resource;
import org.eclipse.californium.elements.config.Configuration;

/** Hands requests to the resources, but for what goes wrong on the way. */
final class FaultyDeliverer extends ServerMessageDeliverer {

    private final Faults faults;
    private final ScheduledExecutorService thread;
    private final Set<Exchange> delayed = ConcurrentHashMap.newKeySet();

    FaultyDeliverer(Resource root, Configuration configuration, Faults faults, ScheduledExecutorService thread) {
        super(root, configuration);
        this.faults = faults;
        this.thread = thread;
    }

    /** Loses requests before anything else sees them: what is known already is not taken a second time. */
    MessageInterceptorAdapter losses() {
        return new MessageInterceptorAdapter() {
            @Override
            public void receiveRequest(Request request) {
                if (!controls(request) && faults.drops()) {
                    request.setCanceled(true);
                }
            }
        };
    }

    private static boolean controls(Request request) {
        return request.getOptions().getUriPathString().equals("fault");
    }

    @Override
    protected boolean preDeliverRequest(Exchange exchange) {
        if (controls(exchange.getRequest()) || delayed.remove(exchange)) {
            return false;
        }
        if (faults.deaf()) {
            exchange.getRequest().getOptions().removeObserve();
        }
        if (faults.code() != null) {
            exchange.sendResponse(new Response(faults.code()));
            return true;
        }
        if (faults.delayMillis() > 0) {
            delayed.add(exchange);
            thread.schedule(() -> deliverRequest(exchange), faults.delayMillis(), TimeUnit.MILLISECONDS);
            return true;
        }
        return false;
    }
}
