package io.kelp.mapper.mqtt.simulator;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A press whose oil follows its setpoint while it runs. Safe for use by several threads. */
final class Press {

    private static final Pattern MEMBER = Pattern.compile("\"(\\w{1,32})\"\\s*:\\s*(\"[^\"]{0,64}\"|[^,}\\s]{1,64})");

    private double temperature = 20;
    private double setpoint = 60;
    private boolean running = true;
    private long cycles;

    synchronized void step() {
        double target = running ? setpoint : 20;
        temperature += (target - temperature) * 0.1;
        cycles += running ? 1 : 0;
    }

    synchronized String json() {
        return String.format(Locale.ROOT, "{\"oil\":{\"temperature\":%.2f,\"setpoint\":%s},\"running\":%s,\"cycles\":%d,\"time\":%d}",
                temperature, setpoint, running, cycles, System.currentTimeMillis());
    }

    /** Takes {@code {"setpoint": 65}} or {@code {"running": false}}; what else there is it does not know. */
    synchronized void set(String json) {
        Matcher member = MEMBER.matcher(json);
        while (member.find()) {
            String value = member.group(2).replace("\"", "");
            if (member.group(1).equals("setpoint") && value.matches("-?\\d{1,6}(\\.\\d{1,9})?")) {
                setpoint = Double.parseDouble(value);
            } else if (member.group(1).equals("running")) {
                running = value.equalsIgnoreCase("true") || value.equalsIgnoreCase("on") || value.equals("1");
            }
        }
    }

    synchronized double temperature() {
        return temperature;
    }

    synchronized double setpoint() {
        return setpoint;
    }

    synchronized void setpoint(double value) {
        setpoint = value;
    }

    synchronized long cycles() {
        return cycles;
    }
}
