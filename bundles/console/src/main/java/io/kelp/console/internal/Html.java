package io.kelp.console.internal;

import java.time.Duration;

/** Writes the few forms of HTML that the pages consist of. All text is escaped. */
final class Html {

    private final StringBuilder out = new StringBuilder(4096);

    static String escape(String text) {
        StringBuilder escaped = new StringBuilder(text.length() + 16);
        text.chars().forEach(c -> {
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> escaped.append((char) c);
            }
        });
        return escaped.toString();
    }

    Html heading(String text) {
        out.append("<h3 style=\"font-size:120%;margin:1em 0 .3em\">").append(escape(text)).append("</h3>\n");
        return this;
    }

    Html paragraph(String text) {
        out.append("<p>").append(escape(text)).append("</p>\n");
        return this;
    }

    /** Begins a table with the class of the web console's own tables. */
    Html table(String id, String... columns) {
        out.append("<table class=\"nicetable noauto\" id=\"").append(escape(id)).append("\"><thead><tr>");
        for (String column : columns) {
            out.append("<th>").append(escape(column)).append("</th>");
        }
        out.append("</tr></thead><tbody>\n");
        return this;
    }

    Html row(String... cells) {
        out.append("<tr>");
        for (String cell : cells) {
            cell(cell);
        }
        out.append("</tr>\n");
        return this;
    }

    Html cell(String text) {
        out.append("<td>").append(escape(text)).append("</td>");
        return this;
    }

    /** Cells that go on over several rows. */
    Html cells(int rows, String... texts) {
        for (String text : texts) {
            out.append("<td").append(rows > 1 ? " style=\"vertical-align:top\" rowspan=\"" + rows + "\"" : "").append('>').append(escape(text)).append("</td>");
        }
        return this;
    }

    Html numbers(long... numbers) {
        for (long number : numbers) {
            out.append("<td style=\"text-align:right\">").append(number).append("</td>");
        }
        return this;
    }

    Html endTable() {
        out.append("</tbody></table>\n");
        return this;
    }

    /** Appends markup as it is; never with data in it. */
    Html markup(String markup) {
        out.append(markup);
        return this;
    }

    /** Appends text escaped, for use inside markup, attribute values in quotes included. */
    Html text(String text) {
        out.append(escape(text));
        return this;
    }

    /** Age of a moment in Unix time, for people. */
    static String age(long thenMillis, long nowMillis) {
        if (thenMillis <= 0) {
            return "-";
        }
        Duration age = Duration.ofMillis(nowMillis - thenMillis);
        if (age.isNegative()) {
            return "in the future";
        }
        if (age.toDays() > 0) {
            return age.toDays() + " d " + age.toHoursPart() + " h";
        }
        if (age.toHours() > 0) {
            return age.toHours() + " h " + age.toMinutesPart() + " min";
        }
        return age.toMinutes() > 0 ? age.toMinutes() + " min " + age.toSecondsPart() + " s" : age.toSeconds() + " s";
    }

    @Override
    public String toString() {
        return out.toString();
    }
}
