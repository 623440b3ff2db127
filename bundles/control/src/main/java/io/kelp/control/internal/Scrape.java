package io.kelp.control.internal;

import io.kelp.control.ControlCommand;
import io.kelp.control.MetricSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All metrics at this moment: {@code kelp metrics}, and what the HTTP endpoint serves. */
@Component(service = {Scrape.class, ControlCommand.class})
public final class Scrape implements ControlCommand {

    private static final Logger LOG = LoggerFactory.getLogger(Scrape.class);

    private final Whiteboard<MetricSource> sources;
    private final Set<String> complained = ConcurrentHashMap.newKeySet();

    @Activate
    public Scrape(BundleContext context) {
        this.sources = new Whiteboard<>(context, MetricSource.class);
    }

    @Deactivate
    void stop() {
        sources.close();
    }

    String text() {
        PrometheusText text = new PrometheusText();
        for (MetricSource source : sources.services()) {
            try {
                source.collect(text);
            } catch (RuntimeException e) {
                // Foreign code; the other components' figures are wanted all the same.
                if (complained.add(source.getClass().getName())) {
                    LOG.warn("Metrics of {} are incomplete", source.getClass().getName(), e);
                }
            }
        }
        return text.text();
    }

    @Override
    public String name() {
        return "metrics";
    }

    @Override
    public List<String> usage() {
        return List.of("metrics     figures in Prometheus' text format");
    }

    @Override
    public Result run(List<String> arguments) {
        return arguments.isEmpty() ? new Result(0, text().lines().toList()) : Result.failed(2, "usage: kelp metrics");
    }
}
