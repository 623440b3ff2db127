package io.kelp.cloud.cli;

import io.kelp.cloud.standalone.Import;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code kelp-cloud import}. */
@Command(name = "import", mixinStandardHelpOptions = true, sortOptions = false, description = {
    "Brings what \"kelp-cloud export\" wrote to a cluster. Can be repeated; goes on after objects that the cluster refuses,",
    "lists them at the end and then exits with 1."})
final class ImportCommand implements Callable<Integer> {

    @Mixin
    private ClusterOption cluster = new ClusterOption();

    @Parameters(paramLabel = "FILE", description = "What export wrote.")
    private Path file;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() throws ServiceException, IOException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        Import.Result result;
        try (Reader yaml = Files.newBufferedReader(file); ClusterOption.Cluster connected = cluster.connect(spec, true)) {
            result = new Import(connected.client(), line -> {
                out.println(line);
                out.flush();
            }).run(yaml);
        } catch (NoSuchFileException e) {
            throw new ServiceException("There is no file " + file + "; name what kelp-cloud export wrote", e);
        }
        int applied = result.counts().values().stream().mapToInt(Integer::intValue).sum();
        out.println(applied + " objects applied, " + result.failures().size() + " refused");
        out.flush();
        result.failures().forEach(spec.commandLine().getErr()::println);
        spec.commandLine().getErr().flush();
        return result.failures().isEmpty() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
    }
}
