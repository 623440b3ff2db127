package io.kelp.workloads.job;

import io.kelp.runtime.osgi.PodContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * Works for {@code MILLIS} and ends with {@code CODE}; with a {@code FILE} it writes its pod's name into it, and
 * with {@code RESULT} that is what explains its end.
 */
@Component(immediate = true)
public final class Work {

    private final PodContext pod;

    @Activate
    public Work(@Reference PodContext pod) {
        this.pod = pod;
        new Thread(this::run, "work").start();
    }

    private void run() {
        try {
            System.out.println("working in " + pod.container());
            Thread.sleep(Long.parseLong(pod.env().getOrDefault("MILLIS", "0")));
            write("FILE", pod.pod());
            write("RESULT", "done by " + pod.pod());
            System.out.println("done");
            pod.exit(Integer.parseInt(pod.env().getOrDefault("CODE", "0")));
        } catch (IOException e) {
            System.err.println(e);
            pod.exit(2);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            System.out.println("interrupted");
        }
    }

    private void write(String variable, String text) throws IOException {
        String file = pod.env().get(variable);
        if (file != null) {
            Path path = pod.path(file);
            Files.writeString(path, text);
        }
    }
}
