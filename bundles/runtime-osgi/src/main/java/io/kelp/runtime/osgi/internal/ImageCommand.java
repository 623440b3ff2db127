package io.kelp.runtime.osgi.internal;

import io.kelp.control.ControlCommand;
import io.kelp.oci.ImageException;
import io.kelp.oci.ImageReference;
import io.kelp.oci.ImageStore;
import io.kelp.oci.ImageStore.StoredImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/** {@code kelp image}: the images that are here. */
final class ImageCommand implements ControlCommand {

    private static final long MIB = 1 << 20;
    private static final int SHORT_ID = 19; // sha256: and 12 digits

    private final Supplier<ImageStore> store;

    ImageCommand(Supplier<ImageStore> store) {
        this.store = store;
    }

    @Override
    public String name() {
        return "image";
    }

    @Override
    public List<String> usage() {
        return List.of("image list              shows the images of workloads that are here",
                "image load FILE [NAME]  takes images from an archive (OCI layout or docker save, .tar or .tar.gz)",
                "image remove NAME|ID    removes an image that no pod uses");
    }

    @Override
    public Result run(List<String> arguments) {
        String verb = arguments.isEmpty() ? "list" : arguments.get(0);
        try {
            if (verb.equals("list") && arguments.size() <= 1) {
                return list();
            } else if (verb.equals("load") && (arguments.size() == 2 || arguments.size() == 3)) {
                return load(Path.of(arguments.get(1)), arguments.size() == 3 ? ImageReference.parse(arguments.get(2)) : null);
            } else if (verb.equals("remove") && arguments.size() == 2) {
                return store.get().remove(arguments.get(1)) ? Result.ok("removed " + arguments.get(1)) : Result.failed(3, "no image " + arguments.get(1) + "; kelp image list shows those that are here");
            }
            return Result.failed(2, usage().toArray(String[]::new));
        } catch (IllegalArgumentException e) {
            return Result.failed(2, e.getMessage());
        } catch (ImageException | IOException e) {
            return Result.failed(1, e.getMessage());
        }
    }

    private Result list() {
        List<String> lines = new ArrayList<>();
        for (StoredImage image : store.get().images().stream().sorted(Comparator.comparing(ImageCommand::name)).toList()) {
            lines.add(String.format(Locale.ROOT, "%-48s %s %7.1f MiB", name(image), image.id().substring(0, Math.min(SHORT_ID, image.id().length())),
                    (double) image.bytes() / MIB));
        }
        return new Result(0, lines.isEmpty() ? List.of("no images") : lines);
    }

    private static String name(StoredImage image) {
        return image.references().isEmpty() ? image.id() : image.references().get(0);
    }

    private Result load(Path file, ImageReference name) throws IOException, ImageException {
        if (!file.isAbsolute() || !Files.isReadable(file)) {
            return Result.failed(1, file + (file.isAbsolute() ? " is no file that the gateway can read" : " is a relative path; the gateway has another working directory"));
        }
        List<String> lines = new ArrayList<>();
        for (StoredImage image : store.get().load(file, name)) {
            lines.add("loaded " + name(image));
        }
        return new Result(0, lines);
    }
}
