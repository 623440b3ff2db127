package io.kelp.mapper.modbus.simulator;

import io.kelp.mapper.modbus.internal.wire.Line;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** {@code java -jar mapper-modbus-*.jar}: simulated Modbus devices. */
public final class Main {

    private static final String HELP = """
            Simulated Modbus devices.

            Usage: java -jar mapper-modbus-VERSION.jar [OPTION]...

              --tcp [HOST:]PORT      Modbus TCP; the default, at 127.0.0.1:5020
              --rtu-tcp [HOST:]PORT  RTU frames through TCP, as of a serial server
              --rtu PATH             RTU on a serial port or a pseudo terminal
              --baud RATE            of the serial port, 9600; 8 data bits
              --parity none|even|odd of the serial port, none
              --units LIST           unit ids, such as 1-3,17; default 1-3
              --faults LIST          such as delay=200,drop=0.05,garbage=0.01; see below
              --seed NUMBER          of the faults' chance, 1
              --help

            Options may be repeated. HOST is 127.0.0.1 if left out; 0.0.0.0 lets the network in.

            Faults: delay=MILLISECONDS, and with a share of answers from 0 to 1: drop, garbage, cut, crc,
            close, exception, busy, foreign. While it runs, the same can be typed:

              drop=0.5               sets a fault
              none                   ends all faults
              hang up                closes the connections of all clients
              unit 1 holding 0       shows a register;   unit 1 holding 0 = 230   sets it
              unit 1 coil 0          shows a coil;       unit 1 coil 0 = 1        sets it
              quit
            """;

    private Main() {}

    private record Listener(String host, int port, boolean rtu) {}

    /** @param args as {@code --help} says */
    public static void main(String[] args) throws InterruptedException {
        int status = run(args);
        if (status >= 0) {
            System.exit(status);
        }
        new CountDownLatch(1).await(); // until it is killed; its input has ended
    }

    /** @return exit status, or -1 to go on */
    private static int run(String[] args) {
        PrintStream out = System.out;
        List<Listener> listeners = new ArrayList<>();
        List<String> ports = new ArrayList<>();
        List<Integer> units = List.of(1, 2, 3);
        List<String> faults = List.of();
        int baud = 9600;
        Line.Serial.Parity parity = Line.Serial.Parity.NONE;
        long seed = 1;
        try {
            for (Iterator<String> it = List.of(args).iterator(); it.hasNext(); ) {
                String option = it.next();
                switch (option) {
                    case "--help", "-h" -> {
                        out.print(HELP);
                        return 0;
                    }
                    case "--tcp" -> listeners.add(listener(value(option, it), false));
                    case "--rtu-tcp" -> listeners.add(listener(value(option, it), true));
                    case "--rtu" -> ports.add(value(option, it));
                    case "--baud" -> baud = Integer.parseInt(value(option, it));
                    case "--parity" -> parity = Line.Serial.Parity.valueOf(value(option, it).toUpperCase(java.util.Locale.ROOT));
                    case "--units" -> units = units(value(option, it));
                    case "--faults" -> faults = List.of(value(option, it).split(","));
                    case "--seed" -> seed = Long.parseLong(value(option, it));
                    default -> throw new IllegalArgumentException("there is no option " + option);
                }
            }
            if (listeners.isEmpty() && ports.isEmpty()) {
                listeners.add(new Listener("127.0.0.1", 5020, false));
            }
            Simulator simulator = new Simulator(units, seed, out::println);
            faults.forEach(simulator.faults()::set);
            for (Listener listener : listeners) {
                int port = simulator.listen(listener.host(), listener.port(), listener.rtu());
                out.println((listener.rtu() ? "RTU over TCP at " : "Modbus TCP at ") + listener.host() + ":" + port);
            }
            for (String path : ports) {
                simulator.serial(new Line.Serial(path, baud, 8, parity, 1, Line.Rs485.OFF));
                out.println("Modbus RTU at " + path + ", " + baud + " Bd, parity " + parity.name().toLowerCase(java.util.Locale.ROOT));
            }
            out.println("Units " + units + ", faults " + simulator.faults());
            return converse(simulator, out);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage() + "; try --help");
            return 2;
        } catch (IOException e) {
            System.err.println("The simulator cannot start: " + e.getMessage());
            return 1;
        }
    }

    private static String value(String option, Iterator<String> it) {
        if (!it.hasNext()) {
            throw new IllegalArgumentException("option " + option + " needs a value");
        }
        return it.next();
    }

    private static Listener listener(String text, boolean rtu) {
        int colon = text.lastIndexOf(':');
        return new Listener(colon < 0 ? "127.0.0.1" : text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)), rtu);
    }

    private static List<Integer> units(String text) {
        List<Integer> units = new ArrayList<>();
        for (String part : text.split(",")) {
            String[] ends = part.trim().split("-", 2);
            int first = Integer.parseInt(ends[0]);
            int last = Integer.parseInt(ends[ends.length - 1]);
            if (first < 0 || last > 255 || first > last) {
                throw new IllegalArgumentException("units " + part + " are not within 0 to 255");
            }
            for (int unit = first; unit <= last; unit++) {
                units.add(unit);
            }
        }
        return units;
    }

    private static int converse(Simulator simulator, PrintStream out) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset()));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            try {
                switch (line.trim()) {
                    case "" -> { }
                    case "quit" -> {
                        simulator.close();
                        return 0;
                    }
                    case "none" -> simulator.faults().clear();
                    case "hang up" -> simulator.dropClients();
                    default -> {
                        if (line.trim().startsWith("unit ")) {
                            out.println(register(simulator, line.trim()));
                        } else {
                            simulator.faults().set(line);
                            out.println("faults " + simulator.faults());
                        }
                    }
                }
            } catch (IllegalArgumentException e) {
                out.println(e.getMessage());
            }
        }
        return -1;
    }

    private static String register(Simulator simulator, String line) {
        String[] words = line.split("[ =]+");
        if (words.length < 4 || words.length > 5) {
            throw new IllegalArgumentException("say: unit 1 holding 0, or unit 1 coil 0 = 1");
        }
        Registers unit = simulator.unit(Integer.parseInt(words[1]));
        int address = Integer.parseInt(words[3]);
        if (unit == null || address < 0 || address >= Registers.SIZE) {
            throw new IllegalArgumentException("there is no unit " + words[1] + " with an address " + address);
        }
        boolean coil = words[2].equals("coil");
        if (words.length == 5) {
            if (coil) {
                unit.coil(address, !words[4].equals("0"));
            } else {
                unit.holding(address, Integer.parseInt(words[4]));
            }
        }
        return words[2] + " " + address + " = " + (coil ? unit.coil(address) ? 1 : 0 : unit.holding(address));
    }
}
