package io.kelp.load;

/**
 * What fleet a benchmark simulates.
 *
 * @param kelp whether its gateways speak as Kelp gateways, not as stock edges
 * @param gateways how many, at least 1
 */
record FleetOptions(boolean kelp, int gateways) {

    /** @param arguments the name of the benchmark, then {@code [--kelp] [--gateways N]} */
    static FleetOptions of(String[] arguments, int usual) {
        boolean kelp = false;
        int gateways = usual;
        for (int i = 1; i < arguments.length; i++) {
            if (arguments[i].equals("--kelp")) {
                kelp = true;
            } else if (arguments[i].equals("--gateways") && i + 1 < arguments.length) {
                gateways = Integer.parseInt(arguments[++i]);
            } else {
                throw new IllegalArgumentException("unknown: " + arguments[i] + "; expected [--kelp] [--gateways N]");
            }
        }
        if (gateways < 1) {
            throw new IllegalArgumentException("--gateways " + gateways + " is less than 1");
        }
        return new FleetOptions(kelp, gateways);
    }

    @Override
    public String toString() {
        return gateways + (kelp ? " Kelp" : " stock") + " gateways";
    }
}
