package io.kelp.mapper.coap.simulator;

import java.lang.reflect.InvocationTargetException;

/** Starts the simulator from the jar of the mapper alone. */
public final class Main {

    private Main() {}

    public static void main(String[] arguments) throws ReflectiveOperationException {
        try {
            Class.forName("io.kelp.mapper.coap.simulator.Simulator", true, loader()).getMethod("run", String[].class).invoke(null, (Object) arguments);
        } catch (InvocationTargetException e) {
            System.err.println(e.getCause().getMessage() == null ? e.getCause() : e.getCause().getMessage());
            System.exit(2);
        }
    }

    /** Our own, if the logging API is there, which on a gateway is another bundle; otherwise one that has it from this jar. */
    private static ClassLoader loader() {
        ClassLoader own = Main.class.getClassLoader();
        return own.getResource("org/slf4j/Logger.class") != null ? own : new StandaloneLoader(own);
    }
}
