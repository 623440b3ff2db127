package io.kelp.control;

import org.osgi.annotation.versioning.ConsumerType;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A component's metrics, in the terms of the Prometheus text format. Registered as a service.
 *
 * <p>Called by any thread at each scrape; must answer at once.
 */
@ConsumerType
public interface MetricSource {

    void collect(Sink sink);

    /** Takes the samples of one scrape. */
    @ProviderType
    interface Sink {

        /**
         * A value that only grows.
         *
         * @param name with unit and {@code _total}, for example {@code kelp_link_messages_total}
         * @param help one sentence
         * @param labels name and value in turn
         */
        void counter(String name, String help, double value, String... labels);

        /** A value that goes up and down; parameters as for {@link #counter}. */
        void gauge(String name, String help, double value, String... labels);
    }
}
