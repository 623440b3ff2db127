package io.kelp.runtime.osgi.internal;

import io.kelp.edged.WorkloadContainer.ExecResult;
import io.kelp.edged.WorkloadException;
import io.kelp.runtime.osgi.ContainerCommand;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;

/** Runs the {@link ContainerCommand} services of one container on its own threads. */
final class Execs implements OsgiContainer.Commands {

    private static final int MOST_OUTPUT = 64 * 1024;

    private final BundleContext context;
    private final Supplier<List<Bundle>> bundles;
    private final ContainerGroup threads;
    private final ScheduledExecutorService clock;

    Execs(BundleContext context, Supplier<List<Bundle>> bundles, ContainerGroup threads, ScheduledExecutorService clock) {
        this.context = context;
        this.bundles = bundles;
        this.threads = threads;
        this.clock = clock;
    }

    @Override
    public CompletionStage<ExecResult> exec(List<String> command, Duration limit) {
        CompletableFuture<ExecResult> done = new CompletableFuture<>();
        Thread thread = new Thread(threads, () -> run(command, done), "exec");
        thread.start();
        var deadline = clock.schedule(() -> {
            if (done.completeExceptionally(new WorkloadException("ExecTimeout", "command " + command.get(0) + " did not end within "
                    + limit.toMillis() + " ms"))) {
                thread.interrupt();
            }
        }, limit.toMillis(), TimeUnit.MILLISECONDS);
        done.whenComplete((result, failure) -> deadline.cancel(false));
        return done;
    }

    private void run(List<String> command, CompletableFuture<ExecResult> done) {
        Output output = new Output();
        List<ServiceReference<ContainerCommand>> used = new ArrayList<>();
        try {
            ContainerCommand found = find(command.isEmpty() ? "" : command.get(0), used);
            int code = found.run(List.copyOf(command.subList(1, command.size())), output);
            done.complete(new ExecResult(code, output.toString()));
        } catch (WorkloadException e) {
            done.completeExceptionally(e);
        } catch (Exception | LinkageError e) { // of a bundle of the pod: whatever it is, it is the command's failure
            output.append(e.getMessage() == null ? e.toString() : e.getMessage());
            done.complete(new ExecResult(1, output.toString()));
        } finally {
            used.forEach(this::unget);
        }
    }

    private void unget(ServiceReference<?> reference) {
        try {
            context.ungetService(reference);
        } catch (IllegalStateException e) {
            // The runtime is stopping: the framework does it.
        }
    }

    private ContainerCommand find(String name, List<ServiceReference<ContainerCommand>> used) throws WorkloadException {
        TreeSet<String> known = new TreeSet<>();
        for (Bundle bundle : bundles.get()) {
            ServiceReference<?>[] services = bundle.getState() == Bundle.UNINSTALLED ? null : bundle.getRegisteredServices();
            for (ServiceReference<?> one : services == null ? new ServiceReference<?>[0] : services) {
                if (List.of((String[]) one.getProperty(Constants.OBJECTCLASS)).contains(ContainerCommand.class.getName())
                        && one.isAssignableTo(context.getBundle(), ContainerCommand.class.getName())) {
                    @SuppressWarnings("unchecked")
                    ServiceReference<ContainerCommand> reference = (ServiceReference<ContainerCommand>) one;
                    ContainerCommand command = context.getService(reference);
                    if (command != null) {
                        used.add(reference);
                        String its = command.name();
                        known.add(String.valueOf(its));
                        if (name.equals(its)) {
                            return command;
                        }
                    }
                }
            }
        }
        throw new WorkloadException("CommandNotFound", "the container has no command \"" + name + "\"; "
                + (known.isEmpty() ? "its bundles have registered none (service " + ContainerCommand.class.getName() + ")" : "there are " + known));
    }

    /** Takes what a command says, up to a bound; used by the command's threads. */
    private static final class Output implements Appendable {

        private final StringBuilder text = new StringBuilder();

        @Override
        public synchronized Output append(CharSequence more) {
            String all = String.valueOf(more);
            text.append(all, 0, Math.min(all.length(), MOST_OUTPUT - text.length()));
            return this;
        }

        @Override
        public Output append(CharSequence more, int start, int end) {
            return append(String.valueOf(more).subSequence(start, end));
        }

        @Override
        public Output append(char one) {
            return append(String.valueOf(one));
        }

        @Override
        public synchronized String toString() {
            return text.toString();
        }
    }
}
