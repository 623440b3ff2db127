package io.kelp.load;

import java.nio.file.Files;
import java.nio.file.Path;

/** Entry of all benchmarks. */
public final class Bench {

    private Bench() {}

    public static void main(String[] arguments) throws Exception {
        Path work = Files.createTempDirectory("kelp-bench");
        try {
            Machine.print();
            switch (arguments[0]) {
                case "twins" -> TwinBench.run(work, arguments.length > 1 && arguments[1].equals("quick"));
                case "desired" -> DesiredBench.run(work, arguments.length > 1 && arguments[1].equals("standalone"));
                case "idle" -> IdleBench.run(work);
                case "start" -> StartBench.run(work);
                case "pods" -> PodBench.run(work, arguments);
                case "fleet" -> FleetBench.age(work, FleetOptions.of(arguments, 100));
                case "day" -> DayBench.run(work, arguments);
                case "mappers" -> MapperBench.run(work, arguments);
                case "modbus" -> ModbusBench.run(work, arguments.length > 1 && arguments[1].equals("still"));
                case "api" -> ApiBench.run(work, arguments);
                case "memory" -> FleetBench.memory(work, FleetOptions.of(arguments, 300));
                default -> throw new IllegalArgumentException("no benchmark " + arguments[0]);
            }
            System.out.println();
        } finally {
            System.err.println("files of this run: " + work);
        }
        System.exit(0); // some client libraries leave threads behind
    }
}
