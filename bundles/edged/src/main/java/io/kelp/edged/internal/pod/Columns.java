package io.kelp.edged.internal.pod;

import java.util.ArrayList;
import java.util.List;

/** Lines of a table whose columns stand under each other. */
final class Columns {

    private Columns() {}

    /** @param rows all of the same length */
    static List<String> of(List<String[]> rows) {
        int[] widths = new int[rows.get(0).length];
        for (String[] row : rows) {
            for (int i = 0; i < row.length; i++) {
                widths[i] = Math.max(widths[i], row[i].length());
            }
        }
        List<String> lines = new ArrayList<>();
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.length; i++) {
                line.append(row[i]).append(" ".repeat(widths[i] - row[i].length() + 3));
            }
            lines.add(line.toString().stripTrailing());
        }
        return lines;
    }
}
