package io.kelp.runtime.osgi.internal.testbundles.waiting;

import io.kelp.devicetwin.DeviceTwins;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Waits for a service that another bundle of its pod may offer. */
@Component
public final class Waiting implements Callable<String> {

    @Reference
    private Supplier<?> needed;

    @Reference
    private DeviceTwins twins;

    @Override
    public String call() {
        return needed.get() + " " + twins.devices().size();
    }
}
