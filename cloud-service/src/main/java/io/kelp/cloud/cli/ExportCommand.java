package io.kelp.cloud.cli;

import io.kelp.cloud.kube.KubeClient;
import io.kelp.cloud.standalone.Export;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code kelp-cloud export}. */
@Command(name = "export", mixinStandardHelpOptions = true, sortOptions = false, description = {
    "Writes all objects as YAML, to be taken to another cluster with \"kelp-cloud import\" or kubectl.",
    "It contains Secrets, the key of the gateways' authority among them: keep it like one."})
final class ExportCommand implements Callable<Integer> {

    private static final String HEAD = """
            # Made by kelp-cloud export. Holds Secrets. Into another cluster:
            #   kelp-cloud import FILE --kubeconfig F
            # or kubectl apply -f FILE; a second time when it says "ensure CRDs are installed first".
            """;

    @Mixin
    private ClusterOption cluster = new ClusterOption();

    @Option(names = {"-o", "--output"}, paramLabel = "FILE", description = "File to be written, readable by its owner only. Default: standard output.")
    private Path output;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() throws ServiceException, IOException, InterruptedException {
        Map<String, Integer> counts;
        try (ClusterOption.Cluster connected = cluster.connect(spec, false)) {
            KubeClient client = connected.client();
            if (output == null) {
                PrintWriter out = spec.commandLine().getOut();
                out.print(HEAD);
                counts = new Export(client, out::print).run();
                out.flush();
            } else {
                counts = toFile(client);
            }
        }
        PrintWriter err = spec.commandLine().getErr();
        err.println("Exported: " + (counts.isEmpty() ? "nothing" : counts));
        err.flush();
        return CommandLine.ExitCode.OK;
    }

    /** The file is complete or not there. */
    private Map<String, Integer> toFile(KubeClient client) throws IOException, InterruptedException {
        Path next = output.toAbsolutePath().resolveSibling(output.getFileName() + ".new");
        Files.deleteIfExists(next);
        Map<String, Integer> counts;
        try (FileChannel channel = FileChannel.open(next, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
                Writer writer = Channels.newWriter(channel, StandardCharsets.UTF_8)) {
            writer.write(HEAD);
            counts = new Export(client, writer::write).run();
            writer.flush();
            channel.force(true);
        }
        Files.move(next, output, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        return counts;
    }
}
