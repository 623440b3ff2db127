package io.kelp.edged.internal.pod;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files of pods: a private folder {@code pods/<uid>} in the data of the gateway and one for logs,
 * {@code pods/<namespace>_<name>_<uid>/<container>/<attempt>.log}, as kubelet has them. The work is done
 * on the executor given; safe for use by several threads.
 */
final class PodFolders {

    private static final Logger LOG = LoggerFactory.getLogger(PodFolders.class);
    private static final int MAX_MESSAGE = 4096;
    private static final int MAX_LOG = 1 << 20;
    private static final int MAX_FALLBACK = 2048;
    private static final int FALLBACK_LINES = 80;
    /** Of a file, in bytes. */
    private static final int MAX_NAME = 255;

    private final Path pods;
    private final Path logs;
    private final Executor io;

    /** @param data of the gateway; @param logs folder of all logs; @param io for what blocks */
    PodFolders(Path data, Path logs, Executor io) {
        this.pods = data.resolve("pods");
        this.logs = logs.resolve("pods");
        this.io = io;
    }

    Path of(String uid) {
        return pods.resolve(uid);
    }

    /** By the names that kubelet gives them; one that is too long for a file system is cut and ends in its checksum. */
    Path logs(Pod pod) {
        String name = pod.namespace() + "_" + pod.name();
        int room = MAX_NAME - 1 - pod.uid().length();
        if (name.length() > room) {
            CRC32C checksum = new CRC32C();
            checksum.update(name.getBytes(StandardCharsets.UTF_8));
            name = name.substring(0, room - 9) + "~%08x".formatted(checksum.getValue());
        }
        return logs.resolve(name + "_" + pod.uid());
    }

    Path log(Pod pod, String container, int attempt) {
        return logs(pod).resolve(container).resolve(attempt + ".log");
    }

    Path terminationMessage(Pod pod, String container, int attempt) {
        return of(pod.uid()).resolve("containers").resolve(container).resolve("termination-" + attempt);
    }

    /** Makes the folders of a container; removes the logs of starts before the last one. */
    CompletionStage<Void> prepare(Pod pod, String container, int attempt) {
        return run(() -> {
            privateFolder(of(pod.uid()));
            Path messages = terminationMessage(pod, container, attempt).getParent();
            Files.createDirectories(messages);
            Files.createDirectories(log(pod, container, attempt).getParent());
            if (attempt > 1) {
                removeOlder(log(pod, container, attempt).getParent(), attempt - 1);
                removeOlder(messages, attempt - 1);
            }
            return null;
        });
    }

    private static void privateFolder(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(folder.getParent());
            Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
    }

    /** Named by attempt: {@code 3.log}, {@code 3.log.20261121-…}, {@code termination-3}, folder {@code 3} of one that a power cut has ended. */
    private static void removeOlder(Path folder, int keep) throws IOException {
        for (Path file : list(folder)) {
            String digits = file.getFileName().toString().replaceFirst("^termination-", "").replaceFirst("\\..*$", "");
            if (digits.matches("[0-9]{1,9}") && Integer.parseInt(digits) < keep) {
                remove(file);
            }
        }
    }

    /**
     * What a container left to explain its end.
     *
     * @param fallback whether the end of the log does when there is no message ({@code FallbackToLogsOnError} and a failure)
     */
    CompletionStage<String> message(Pod pod, String container, int attempt, boolean fallback) {
        return run(() -> {
            String text = tail(terminationMessage(pod, container, attempt), MAX_MESSAGE);
            if (!text.isEmpty() || !fallback) {
                return text;
            }
            List<String> lines = new ArrayList<>();
            for (String line : tail(log(pod, container, attempt), 2 * MAX_FALLBACK).split("\n")) {
                String[] parts = line.split(" ", 4); // time, stream, P or F, text
                lines.add(parts.length == 4 ? parts[3] : line);
            }
            String end = String.join("\n", lines.subList(Math.max(0, lines.size() - FALLBACK_LINES), lines.size()));
            return end.substring(Math.max(0, end.length() - MAX_FALLBACK));
        });
    }

    /** The end of a file, empty if there is none. */
    private static String tail(Path file, int bytes) throws IOException {
        try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
            byte[] end = new byte[(int) Math.min(bytes, in.length())];
            in.seek(in.length() - end.length);
            in.readFully(end);
            return new String(end, StandardCharsets.UTF_8);
        } catch (java.io.FileNotFoundException e) {
            return "";
        }
    }

    /** The last lines of a container's log, without time and stream; at most 1 MiB is looked at. */
    static List<String> lastLines(Path log, int count) throws IOException {
        List<String> lines = new ArrayList<>();
        StringBuilder part = new StringBuilder();
        for (String line : tail(log, MAX_LOG).split("\n")) {
            String[] words = line.split(" ", 4);
            if (words.length == 4) {
                part.append(words[3]);
                if (!words[2].equals("P")) {
                    lines.add(part.toString());
                    part.setLength(0);
                }
            }
        }
        return List.copyOf(lines.subList(Math.max(0, lines.size() - count), lines.size()));
    }

    /** Removes the private folder of a pod. */
    CompletionStage<Void> removeFolder(String uid) {
        return run(() -> {
            remove(of(uid));
            return null;
        });
    }

    /** Removes the logs of a pod; what cannot be removed goes with the orphans of the next start. */
    void removeLogs(Pod pod) {
        run(() -> {
            remove(logs(pod));
            return null;
        }).exceptionally(e -> {
            LOG.warn("The logs of pod {}, which is gone, could not be removed: {}", pod, e.getMessage());
            return null;
        });
    }

    /** Removes folders and logs of all pods but these. */
    CompletionStage<Void> retain(Set<String> uids) {
        return run(() -> {
            for (Path folder : list(pods)) {
                if (!uids.contains(folder.getFileName().toString())) {
                    remove(folder);
                }
            }
            for (Path folder : list(logs)) {
                String name = folder.getFileName().toString();
                if (!uids.contains(name.substring(name.lastIndexOf('_') + 1))) {
                    remove(folder);
                }
            }
            return null;
        });
    }

    private static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    /** Does not follow links: what a pod has linked to is not the pod's. */
    private static void remove(Path folder) throws IOException {
        if (!Files.exists(folder, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path dir, IOException failure) throws IOException {
                if (failure != null) {
                    throw failure;
                }
                Files.deleteIfExists(dir);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private <T> CompletionStage<T> run(Callable<T> work) {
        try {
            return CompletableFuture.supplyAsync(() -> {
                try {
                    return work.call();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                } catch (RuntimeException e) { // told from the next one: goes to the caller as it is
                    throw e;
                } catch (Exception e) { // Callable's declared type; the work above throws nothing else
                    throw new IllegalStateException(e);
                }
            }, io);
        } catch (RejectedExecutionException e) {
            LOG.debug("Files of pods have to wait: {}", e.getMessage());
            return CompletableFuture.failedFuture(e);
        }
    }
}
