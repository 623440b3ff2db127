package io.kelp.edged.internal.pod;

import com.google.gson.JsonObject;
import io.kelp.edged.WorkloadException;
import io.kelp.edged.WorkloadRuntime.Image;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Gets the image of a container as its pull policy says, with kubelet's Events. */
final class ImagePull {

    static final String ERR_PULL = "ErrImagePull";
    static final String BACK_OFF = "ImagePullBackOff";
    static final String INVALID = "InvalidImageName";
    static final String UNAVAILABLE = "RegistryUnavailable";

    private final Seams seams;
    private final Pod pod;
    private final JsonObject container;
    private final String name;
    private final String reference;
    private final BooleanSupplier wanted;
    private final Consumer<Image> done;
    private final Consumer<WorkloadException> failed;

    /** @param wanted whether it is still to go on; @param done told on the loop, or @param failed with the waiting reason */
    ImagePull(Seams seams, Pod pod, JsonObject container, BooleanSupplier wanted, Consumer<Image> done, Consumer<WorkloadException> failed) {
        this.seams = seams;
        this.pod = pod;
        this.container = container;
        this.name = Pod.text(container, "name");
        this.reference = Pod.text(container, "image");
        this.wanted = wanted;
        this.done = done;
        this.failed = failed;
    }

    /** {@code imagePullPolicy}, or what the API server would have put there. */
    static String policy(JsonObject container) {
        String said = Pod.text(container, "imagePullPolicy");
        if (!said.isEmpty()) {
            return said;
        }
        String image = Pod.text(container, "image");
        String last = image.substring(image.lastIndexOf('/') + 1);
        boolean latest = !last.contains("@") && (!last.contains(":") || last.endsWith(":latest"));
        return latest ? "Always" : "IfNotPresent";
    }

    void start(Runtimes.Handle runtime) {
        String policy = policy(container);
        Optional<Image> here = runtime.runtime().image(reference);
        if (here.isPresent() && !"Always".equals(policy)) {
            event("Normal", "Pulled", "Container image \"" + reference + "\" already present on machine");
            done.accept(here.get());
            return;
        }
        if ("Never".equals(policy)) {
            String message = "Container image \"" + reference + "\" is not present with pull policy of Never";
            event("Warning", "ErrImageNeverPull", message);
            event("Warning", "Failed", "Error: ErrImageNeverPull");
            failed.accept(new WorkloadException("ErrImageNeverPull", message));
            return;
        }
        event("Normal", "Pulling", "Pulling image \"" + reference + "\"");
        long began = seams.loop().nanos();
        seams.then(Seams.bounded(Seams.call(() -> seams.secrets().of(pod, reference))), wanted, credentials ->
                seams.then(Seams.call(() -> runtime.runtime().pull(reference, credentials, progress -> {})), wanted,
                        image -> pulled(image, began), failure -> notPulled(runtime, failure, here)),
                failure -> notPulled(runtime, failure, here));
    }

    private void pulled(Image image, long began) {
        String took = duration(Duration.ofNanos(seams.loop().nanos() - began));
        event("Normal", "Pulled", "Successfully pulled image \"" + reference + "\" in " + took + " (" + took
                + " including waiting). Image size: " + image.bytes() + " bytes.");
        done.accept(image);
    }

    private void notPulled(Runtimes.Handle runtime, Throwable failure, Optional<Image> here) {
        String reason = failure instanceof WorkloadException e && !e.reason().isEmpty() ? e.reason() : ERR_PULL;
        String message = String.valueOf(failure.getMessage());
        if (runtime.isGone()) {
            failed.accept(new WorkloadException(reason, message, failure));
            return;
        }
        if (UNAVAILABLE.equals(reason) && here.isPresent()) { // offline: the image that was here is better than none
            event("Warning", UNAVAILABLE, "Registry of image \"" + reference + "\" cannot be asked (" + message + "); using the image that is here");
            done.accept(here.get());
            return;
        }
        if (INVALID.equals(reason)) {
            event("Warning", "InspectFailed", "Failed to apply default image tag \"" + reference + "\": " + message);
        } else {
            event("Warning", "Failed", "Failed to pull image \"" + reference + "\": " + message);
        }
        event("Warning", "Failed", "Error: " + reason);
        failed.accept(new WorkloadException(reason, message, failure));
    }

    private void event(String type, String reason, String message) {
        seams.events().pod(pod, name, type, reason, message);
    }

    /** As Go prints durations: {@code 56ms}, {@code 1.234s}, {@code 1m2.5s}. */
    static String duration(Duration time) {
        if (time.toMillis() < 1000) {
            return time.toMillis() + "ms";
        }
        String seconds = java.math.BigDecimal.valueOf(time.toMillis() % 60_000, 3).stripTrailingZeros().toPlainString() + "s";
        return time.toMinutes() == 0 ? seconds : time.toMinutes() + "m" + seconds;
    }
}
