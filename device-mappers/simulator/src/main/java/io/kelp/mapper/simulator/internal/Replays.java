package io.kelp.mapper.simulator.internal;

import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.Settings;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Columns of CSV files in one folder (RFC 4180 without line breaks in fields). */
final class Replays {

    private static final String PLAIN = "[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}";

    private final Path folder; // null when the gateway has none
    private final int mostRows;

    Replays(Path folder, int mostRows) {
        this.folder = folder;
        this.mostRows = mostRows;
    }

    /** The column that keys {@code file} and {@code column} (a name of the first line, or a number from 1) name, without its heading. */
    List<String> column(Settings visitor) throws ConfigurationException {
        String name = visitor.text("file");
        if (folder == null || !name.matches(PLAIN)) {
            // Whoever may create devices must not be able to read files elsewhere.
            throw visitor.refused("file", name, "a plain file name in folder etc/simulator of the gateway");
        }
        Path file = folder.resolve(name);
        List<String> values = new ArrayList<>();
        try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            String first = lines.readLine();
            List<String> heading = first == null ? List.of() : cells(first);
            String wanted = visitor.text("column", "1");
            int column = heading.indexOf(wanted);
            boolean named = column >= 0;
            if (!named) {
                column = (int) visitor.whole("column", 1, 1, Math.max(1, heading.size())) - 1;
                add(values, heading, column);
            }
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (values.size() >= mostRows) {
                    throw visitor.refused("file", name, "short enough: more than " + mostRows + " rows (mostRows of io.kelp.mapper.simulator)");
                }
                add(values, cells(line), column);
            }
        } catch (IOException e) {
            throw new ConfigurationException(visitor.refused("file", name, "readable").getMessage() + ": " + file + ": " + e.getMessage(), e);
        }
        return values;
    }

    private static void add(List<String> values, List<String> cells, int column) {
        if (column < cells.size()) {
            values.add(cells.get(column));
        }
    }

    static List<String> cells(String line) {
        List<String> cells = new ArrayList<>();
        StringBuilder cell = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (quoted && c == '"' && i + 1 < line.length() && line.charAt(i + 1) == '"') {
                cell.append('"');
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (!quoted && Arrays.asList(',', ';').contains(c)) {
                cells.add(cell.toString().strip());
                cell.setLength(0);
            } else {
                cell.append(c);
            }
        }
        cells.add(cell.toString().strip());
        return cells;
    }
}
