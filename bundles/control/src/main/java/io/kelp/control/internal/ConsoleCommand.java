package io.kelp.control.internal;

import com.google.gson.JsonObject;
import io.kelp.control.ConsoleAccess;
import io.kelp.control.ControlCommand;
import io.kelp.control.StatusSource;
import io.kelp.launcher.FeatureRuntime;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * {@code kelp console on|off|password}. The console is the feature {@code console}, installed when
 * it is switched on and removed afterwards, because memory is short. It is off after a restart.
 */
@Component(configurationPid = "io.kelp.control", service = {ControlCommand.class, StatusSource.class})
public final class ConsoleCommand implements ControlCommand, StatusSource {

    private static final String FEATURE = "console";
    private static final int CONNECT_MILLIS = 500;
    private static final long UP_NANOS = 10_000_000_000L;
    private static final long LOOK_MILLIS = 50;

    private final FeatureRuntime features;
    private final PasswordFile password;
    private final int port;

    @Activate
    public ConsoleCommand(ControlConfig config, @Reference FeatureRuntime features, @Reference PasswordFile password) {
        this.features = features;
        this.password = password;
        this.port = config.consolePort();
    }

    @Override
    public String name() {
        return "console";
    }

    @Override
    public List<String> usage() {
        return List.of(
                "console on           starts the web console, on this machine only",
                "console off          ends it and frees its memory",
                "console password     makes a new password for it");
    }

    @Override
    public Result run(List<String> arguments) {
        try {
            switch (arguments.size() == 1 ? arguments.get(0) : "") {
                case "on":
                    return on();
                case "off":
                    features.uninstall(FEATURE);
                    return Result.ok("console off");
                case "password":
                    return new Result(0, login(password.renew()));
                default:
                    return Result.failed(2, "usage: kelp console on|off|password");
            }
        } catch (IOException e) {
            return Result.failed(1, "kelp: " + e.getMessage());
        } catch (IllegalArgumentException e) {
            return Result.failed(1, "kelp: this distribution has no web console: " + e.getMessage());
        }
    }

    private Result on() throws IOException {
        List<String> lines = new ArrayList<>();
        if (!isOn()) {
            if (answers()) {
                return Result.failed(1, "kelp: port " + port + " on 127.0.0.1 is in use by another program; set consolePort in etc/io.kelp.control.json");
            }
            // Felix HTTP asks the framework for these, and the framework the system properties.
            System.setProperty("org.apache.felix.http.host", "127.0.0.1");
            System.setProperty("org.osgi.service.http.port", String.valueOf(port));
            features.install(FEATURE);
            if (!comesUp()) {
                features.uninstall(FEATURE);
                return Result.failed(1, "kelp: the console does not come up on port " + port + "; see log/kelp.log");
            }
        }
        lines.add("console on: http://127.0.0.1:" + port + "/system/console/kelp");
        lines.addAll(password.exists() ? List.of("user " + ConsoleAccess.USER + ", password as told before; kelp console password makes a new one")
                : login(password.renew()));
        return new Result(0, lines);
    }

    private static List<String> login(String secret) {
        return List.of("user " + ConsoleAccess.USER + ", password " + secret, "The password is stored as a hash only and is not shown again.");
    }

    private boolean isOn() {
        return features.installed().contains(FEATURE);
    }

    private boolean comesUp() {
        long deadline = System.nanoTime() + UP_NANOS;
        try {
            while (!answers() && System.nanoTime() < deadline) {
                Thread.sleep(LOOK_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return answers();
    }

    private boolean answers() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port), CONNECT_MILLIS);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public JsonObject status() {
        JsonObject console = new JsonObject();
        console.addProperty("on", isOn());
        console.addProperty("url", isOn() ? "http://127.0.0.1:" + port + "/system/console/kelp" : null);
        JsonObject status = new JsonObject();
        status.add("console", console);
        return status;
    }
}
