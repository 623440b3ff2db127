package io.kelp.runtime.osgi.internal.output;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContainerOutputTest {

    @TempDir
    Path folder;

    private final ThreadLocal<ContainerLog> mine = new ThreadLocal<>();

    @Test
    @SuppressWarnings("try") // what follows the end is part of the test
    void whatAContainerPrintsGoesToItsLogAndTheRestWhereItWent() throws Exception {
        PrintStream before = System.out;
        ByteArrayOutputStream gateway = new ByteArrayOutputStream();
        System.setOut(new PrintStream(gateway, true, StandardCharsets.UTF_8));
        try (LogFlusher flusher = new LogFlusher(20, Thread.currentThread().getThreadGroup());
                ContainerLog log = new ContainerLog(folder.resolve("0.log"), LogSettings.DEFAULT, () -> Instant.EPOCH, flusher);
                ContainerOutput output = ContainerOutput.install(mine::get, loader -> null, () -> true)) {
            System.out.println("gateway 1");
            mine.set(log);
            System.out.print(1);
            System.out.print('c');
            System.out.print(2L);
            System.out.print(1.5f);
            System.out.print(2.5);
            System.out.print(true);
            System.out.print(new char[] {'x', 'y'});
            System.out.print((Object) null);
            System.out.print((String) null);
            System.out.println();
            System.out.println(new char[] {'l', 'n'});
            System.out.printf("%d-%s%n", 5, "f");
            System.out.printf(Locale.GERMANY, "%.1f%n", 0.5);
            System.out.append("app").append('e').append("-nd-", 1, 3).append("\n");
            System.out.write("bytes\n".getBytes(StandardCharsets.UTF_8));
            System.out.write('w');
            System.out.write('\n');
            System.out.flush();
            System.out.close();
            System.out.println("still open");
            mine.remove();
            System.out.println("gateway 2");
            output.close();
            System.out.println("gateway 3");
        } finally {
            System.setOut(before);
        }
        assertEquals(String.format("gateway 1%ngateway 2%ngateway 3%n"), gateway.toString(StandardCharsets.UTF_8));
        assertEquals(List.of("1c21.52.5truexynullnull", "ln", "5-f", "0,5", "append", "bytes", "w", "still open"),
                Files.readAllLines(folder.resolve("0.log")).stream().map(line -> line.substring("1970-01-01T00:00:00.000000000Z stdout F ".length())).toList());
        assertSame(before, System.out);
    }

    @Test
    @SuppressWarnings("try") // what follows the end is part of the test
    void whatAContainerLogsGoesToItsLogAndNotToTheGateways() throws Exception {
        List<String> gateway = new ArrayList<>();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord record) {
                if (isLoggable(record)) {
                    gateway.add(record.getMessage());
                }
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger root = Logger.getLogger("");
        root.addHandler(handler);
        try (LogFlusher flusher = new LogFlusher(20, Thread.currentThread().getThreadGroup());
                ContainerLog log = new ContainerLog(folder.resolve("0.log"), LogSettings.DEFAULT, () -> Instant.EPOCH, flusher);
                ContainerOutput output = ContainerOutput.install(mine::get, loader -> loader == ContainerOutputTest.class.getClassLoader() ? loaderLog : null, () -> true)) {
            mine.set(log);
            Logger.getLogger("app").log(Level.WARNING, "too {0}", "warm");
            org.slf4j.LoggerFactory.getLogger("app.slf4j").error("broken", new IllegalStateException("cause"));
            mine.remove();
            Logger.getLogger("gateway").info("ours");
            loaderLog = log;
            Logger.getLogger("app").info("called on a thread of the gateway");
            loaderLog = null;
            output.close();
            Logger.getLogger("gateway").info("ours again");
        } finally {
            root.removeHandler(handler);
        }
        assertEquals(List.of("ours", "ours again"), gateway);
        List<String> lines = Files.readAllLines(folder.resolve("0.log")).stream().map(line -> line.substring(31)).toList();
        assertEquals("stderr F WARNING app too warm", lines.get(0));
        assertEquals("stderr F SEVERE app.slf4j broken", lines.get(1));
        assertEquals("stderr F     java.lang.IllegalStateException: cause", lines.get(2));
        assertEquals("stderr F INFO app called on a thread of the gateway", lines.get(lines.size() - 1));
    }

    private ContainerLog loaderLog;
}
