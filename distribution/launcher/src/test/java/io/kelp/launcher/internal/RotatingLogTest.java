package io.kelp.launcher.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.logging.ErrorManager;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RotatingLogTest {

    @TempDir
    private Path folder;

    @Test
    void keepsTheNewestLinesWithinItsBound() throws IOException {
        RotatingLog log = new RotatingLog(folder.resolve("kelp.log"), 1000, 3);
        for (int i = 0; i < 500; i++) {
            log.publish(new LogRecord(Level.INFO, "line " + i));
        }
        log.close();
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(4, files.count());
        }
        assertTrue(Files.size(folder.resolve("kelp.log.3")) <= 1000);
        assertTrue(Files.readString(folder.resolve("kelp.log")).endsWith("line 499\n"));
    }

    @Test
    void goesOnAfterTheFolderCouldNotBeWritten() throws IOException {
        Path blocked = folder.resolve("log");
        Files.writeString(blocked, "a file where the folder should be");
        RotatingLog log = new RotatingLog(blocked.resolve("kelp.log"), 1000, 3);
        StringBuilder errors = new StringBuilder();
        log.setErrorManager(new ErrorManager() {
            @Override
            public synchronized void error(String message, Exception cause, int code) {
                errors.append(message);
            }
        });
        log.publish(new LogRecord(Level.INFO, "lost"));
        Files.delete(blocked);
        log.publish(new LogRecord(Level.INFO, "kept"));
        log.close();
        assertTrue(errors.toString().startsWith("cannot write"));
        assertTrue(Files.readString(blocked.resolve("kelp.log")).endsWith("kept\n"));
    }

    @Test
    void aMessageCannotForgeALine() {
        LogRecord record = new LogRecord(Level.WARNING, "peer said \"x\n2030-01-01 ERROR all is lost\u001b[2J\"");
        record.setLoggerName("io.kelp.edgehub.internal.Link");
        String line = new OneLineFormatter().format(record);
        assertEquals(1, line.lines().count());
        record.setThrown(new java.io.IOException("it says \u001b[2Jnothing"));
        assertTrue(new OneLineFormatter().format(record).contains("    java.io.IOException: it says ?[2Jnothing\n"), "nor reach the terminal");
        assertTrue(line.endsWith(" WARN  edgehub.Link  peer said \"x|2030-01-01 ERROR all is lost?[2J\"\n"), line);
    }
}
