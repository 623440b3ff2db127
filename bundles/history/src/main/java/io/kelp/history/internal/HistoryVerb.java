package io.kelp.history.internal;

import io.kelp.control.ControlCommand.Result;
import io.kelp.devicetwin.DeviceTwins.Device;
import io.kelp.devicetwin.DeviceVerb;
import io.kelp.history.DeviceHistory;
import io.kelp.history.DeviceHistory.Point;
import io.kelp.store.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code kelp device history}: what a property was, as a line of bars and a table, or as CSV. */
@Component
public final class HistoryVerb implements DeviceVerb {

    private static final int USAGE = 2;
    private static final int NOT_FOUND = 3;
    private static final int NOT_READY = 4;
    private static final int DEFAULT_POINTS = 24;
    private static final int CSV_POINTS = 10_000;
    private static final int BARS = 60;
    private static final Pattern AGE = Pattern.compile("([0-9]{1,6})(s|m|h|d)");

    private final DeviceHistory history;

    @Activate
    public HistoryVerb(@Reference DeviceHistory history) {
        this.history = history;
    }

    @Override
    public String verb() {
        return "history";
    }

    @Override
    public List<String> usage() {
        return List.of("device history NAME PROPERTY [--since 1h|TIME] [--until TIME] [--points N] [--csv]   shows what a property was");
    }

    @Override
    public Result run(Device device, List<String> arguments) {
        return run(device, arguments, Instant.now());
    }

    Result run(Device device, List<String> arguments, Instant now) {
        String property = "";
        Instant since = now.minus(Duration.ofHours(1));
        Instant until = now.plusMillis(1);
        int points = 0;
        boolean csv = false;
        try {
            for (int i = 0; i < arguments.size(); i++) {
                String word = arguments.get(i);
                switch (word) {
                    case "--csv" -> csv = true;
                    case "--since" -> since = time(value(arguments, ++i, word), now);
                    case "--until" -> until = time(value(arguments, ++i, word), now);
                    case "--points" -> points = points(value(arguments, ++i, word));
                    default -> {
                        if (word.startsWith("--") || !property.isEmpty()) {
                            throw new IllegalArgumentException("The word " + word + " is not understood.");
                        }
                        property = word;
                    }
                }
            }
            if (property.isEmpty()) {
                throw new IllegalArgumentException("The name of a property is missing; " + properties(device));
            }
            if (!since.isBefore(until)) {
                throw new IllegalArgumentException("The time " + since + " is not before " + until + ".");
            }
        } catch (IllegalArgumentException e) {
            return Result.failed(USAGE, e.getMessage(), "  kelp " + usage().get(0));
        }
        try {
            List<Point> found = history.points(device.id(), property, since.toEpochMilli(), until.toEpochMilli(),
                    points > 0 ? points : csv ? CSV_POINTS : DEFAULT_POINTS);
            if (found.isEmpty() && !device.twins().containsKey(property)) {
                return Result.failed(NOT_FOUND, "There is no property " + property + "; " + properties(device));
            }
            if (found.isEmpty() && !csv) {
                return Result.ok("Nothing was reported for " + property + " of " + device.id() + " between " + since + " and " + until + ".");
            }
            return new Result(0, csv ? csv(found) : table(found, history.points(device.id(), property, since.toEpochMilli(), until.toEpochMilli(), BARS),
                    since, until));
        } catch (StoreException e) {
            return Result.failed(NOT_READY, e.getMessage());
        }
    }

    private static String properties(Device device) {
        return device.twins().isEmpty() ? device.id() + " has none." : device.id() + " has: " + String.join(", ", device.twins().keySet()) + ".";
    }

    private static String value(List<String> arguments, int i, String word) {
        if (i >= arguments.size()) {
            throw new IllegalArgumentException("What follows " + word + " is missing.");
        }
        return arguments.get(i);
    }

    private static int points(String text) {
        if (!text.matches("[0-9]{1,5}") || Integer.parseInt(text) < 1 || Integer.parseInt(text) > DeviceHistory.MOST_POINTS) {
            throw new IllegalArgumentException("--points is " + text + ", allowed are 1 to " + DeviceHistory.MOST_POINTS + ".");
        }
        return Integer.parseInt(text);
    }

    /** An age such as 90s, 5m, 1h, 7d, or a time in ISO 8601; without zone it is UTC. */
    static Instant time(String text, Instant now) {
        Matcher age = AGE.matcher(text);
        if (age.matches()) {
            long number = Long.parseLong(age.group(1));
            return now.minus(switch (age.group(2)) {
                case "s" -> Duration.ofSeconds(number);
                case "m" -> Duration.ofMinutes(number);
                case "h" -> Duration.ofHours(number);
                default -> Duration.ofDays(number);
            });
        }
        try {
            return text.endsWith("Z") || text.matches(".*T.*[+-][0-9:]+") ? java.time.OffsetDateTime.parse(text).toInstant()
                    : text.contains("T") ? LocalDateTime.parse(text).toInstant(ZoneOffset.UTC)
                    : LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException("The time " + text + " is neither an age such as 90s, 5m, 1h or 7d nor a time such as 2030-01-31T12:00:00Z.", e);
        }
    }

    private static List<String> csv(List<Point> points) {
        List<String> lines = new ArrayList<>();
        lines.add("time,count,minimum,mean,maximum,text");
        for (Point point : points) {
            String values = point.text() == null ? point.minimum() + "," + point.mean() + "," + point.maximum() + ","
                    : ",,,\"" + point.text().replace("\"", "\"\"") + "\"";
            lines.add(Instant.ofEpochMilli(point.fromMillis()) + "," + point.count() + "," + values);
        }
        return lines;
    }

    private static List<String> table(List<Point> points, List<Point> bars, Instant since, Instant until) {
        List<String> lines = new ArrayList<>();
        List<Point> numbers = bars.stream().filter(point -> point.text() == null).toList();
        if (numbers.size() > 1) {
            double least = numbers.stream().mapToDouble(Point::minimum).min().orElseThrow();
            double most = numbers.stream().mapToDouble(Point::maximum).max().orElseThrow();
            lines.add(Sparkline.of(numbers, since.toEpochMilli(), until.toEpochMilli(), BARS) + "  " + text(least) + " to " + text(most));
        }
        lines.add(String.format(Locale.ROOT, "%-24s %7s %14s %14s %14s", "FROM", "VALUES", "MINIMUM", "MEAN", "MAXIMUM"));
        for (Point point : points) {
            String time = Instant.ofEpochMilli(point.fromMillis()).toString();
            lines.add(point.text() == null
                    ? String.format(Locale.ROOT, "%-24s %7d %14s %14s %14s", time, point.count(), text(point.minimum()), text(point.mean()), text(point.maximum()))
                    : String.format(Locale.ROOT, "%-24s %7d %s", time, point.count(), point.text().replaceAll("\\p{Cntrl}", "?")));
        }
        return lines;
    }

    private static String text(double number) {
        return number == Math.rint(number) && Math.abs(number) < 1e15 ? Long.toString((long) number)
                : String.format(Locale.ROOT, "%.6g", number).replaceFirst("(\\.[0-9]*?)0+$", "$1").replaceFirst("\\.$", "");
    }
}
