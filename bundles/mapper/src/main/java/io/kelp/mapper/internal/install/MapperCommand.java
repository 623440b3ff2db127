package io.kelp.mapper.internal.install;

import io.kelp.control.ControlCommand.Result;
import io.kelp.mapper.DeviceHealth;
import io.kelp.mapper.MapperHealth;
import io.kelp.mapper.MapperInstaller;
import io.kelp.mapper.MapperInstaller.Mapper;
import io.kelp.mapper.MapperRefusedException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code kelp mapper …}. */
final class MapperCommand {

    static final List<String> USAGE = List.of(
            "mapper list            shows the mappers",
            "mapper install JAR     installs a mapper while everything runs",
            "mapper update JAR      replaces the mapper of the same name",
            "mapper remove NAME     removes a mapper; its devices and twins stay",
            "mapper devices         shows how the devices of the mappers are doing");

    private final MapperInstaller mappers;
    private final MapperHealth health;

    MapperCommand(MapperInstaller mappers, MapperHealth health) {
        this.mappers = mappers;
        this.health = health;
    }

    Result run(List<String> arguments) {
        String verb = arguments.isEmpty() ? "" : arguments.get(0);
        int expected = switch (verb) {
            case "list", "devices" -> 1;
            case "install", "update", "remove" -> 2;
            default -> -1;
        };
        if (arguments.size() != expected) {
            return wrongUsage(verb);
        }
        try {
            return switch (verb) {
                case "list" -> list();
                case "devices" -> devices();
                case "remove" -> {
                    mappers.remove(arguments.get(1));
                    yield Result.ok("mapper " + arguments.get(1) + " is removed");
                }
                default -> put(verb, arguments.get(1));
            };
        } catch (MapperRefusedException e) {
            return Result.failed(e.getMessage().startsWith("there is no mapper") ? 3 : 1, e.getMessage());
        } catch (IOException e) {
            return Result.failed(1, e.getMessage() == null ? e.toString() : e.getMessage());
        }
    }

    private static Result wrongUsage(String verb) {
        List<String> lines = new ArrayList<>();
        lines.add(verb.isEmpty() ? "What shall be done is missing. Usage:" : "Wrong usage of mapper " + verb + ". Usage:");
        USAGE.forEach(line -> lines.add("  kelp " + line));
        return new Result(2, lines);
    }

    private Result put(String verb, String file) throws IOException, MapperRefusedException {
        Path path;
        try {
            path = Path.of(file);
        } catch (InvalidPathException e) {
            return Result.failed(2, "\"" + file + "\" is no path");
        }
        if (!path.isAbsolute()) {
            return Result.failed(2, "give the absolute path of the jar: the gateway runs in another folder than you, so it cannot find " + file);
        }
        if (!Files.isRegularFile(path) || !Files.isReadable(path)) {
            return Result.failed(1, "the gateway cannot read a file " + file + "; check the path and who may read it");
        }
        try (InputStream in = Files.newInputStream(path)) {
            Mapper now = verb.equals("install") ? mappers.install(in) : mappers.update(in);
            return Result.ok("mapper " + now.name() + " " + now.version() + (verb.equals("install") ? " is installed" : " is updated")
                    + ", protocol " + String.join(", ", now.protocols()));
        }
    }

    private Result list() {
        List<String[]> rows = new ArrayList<>();
        rows.add(new String[] {"NAME", "VERSION", "STATE", "PROTOCOLS", "DEVICES", "ORIGIN"});
        for (Mapper m : mappers.list()) {
            rows.add(new String[] {m.name(), m.version(), m.state(), m.protocols().isEmpty() ? "-" : String.join(",", m.protocols()),
                String.valueOf(m.devices()), m.origin()});
        }
        return new Result(0, table(rows));
    }

    private Result devices() {
        List<String[]> rows = new ArrayList<>();
        rows.add(new String[] {"DEVICE", "PROTOCOL", "STATE", "SINCE", "READS", "ERRORS", "WRITES", "ERRORS", "REPORTS", "MISSED", "LAST ERROR"});
        for (DeviceHealth d : health.devices()) {
            rows.add(new String[] {d.device(), d.protocol().isEmpty() ? "-" : d.protocol(), d.state().name(), d.since().toString(),
                String.valueOf(d.reads()), String.valueOf(d.readErrors()), String.valueOf(d.writes()), String.valueOf(d.writeErrors()),
                String.valueOf(d.reports()), String.valueOf(d.missedPolls()), d.lastError().isEmpty() ? "-" : d.lastError()});
        }
        return new Result(0, table(rows));
    }

    private static List<String> table(List<String[]> rows) {
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
                line.append(row[i]).append(i == row.length - 1 ? "" : " ".repeat(widths[i] - row[i].length() + 2));
            }
            lines.add(line.toString());
        }
        return lines;
    }
}
