package com.example.mapper.tank;

import io.kelp.mapper.BlockingConnection;
import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.PropertyValue;
import io.kelp.mapper.Reading;
import io.kelp.mapper.RequestRefusedException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One tank: {@code get NAME} is answered by its value, {@code set NAME VALUE} by {@code ok}, and either by {@code error WORDS}. Reports,
 * cycles, retries, bounds and threads are the runtime's business; an {@link IOException} tells it that the tank is lost.
 */
final class TankConnection implements BlockingConnection {

    private static final int LONGEST_ANSWER = 256;

    private final Socket socket = new Socket();
    private final BufferedReader answers;

    TankConnection(String host, int port, Duration deadline) throws IOException {
        int millis = (int) deadline.toMillis();
        try {
            socket.connect(new InetSocketAddress(host, port), millis);
            socket.setSoTimeout(millis);
            answers = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    @Override
    public Map<String, Reading> read(List<DeviceProperty> properties) throws IOException {
        Map<String, Reading> readings = new LinkedHashMap<>();
        for (DeviceProperty property : properties) {
            try {
                readings.put(property.name(), Reading.of(ask("get " + register(property))));
            } catch (RequestRefusedException e) {
                readings.put(property.name(), Reading.bad(e.getMessage())); // this one only; the others may be well
            }
        }
        return readings;
    }

    @Override
    public Optional<Reading> write(DeviceProperty property, PropertyValue value) throws IOException {
        ask("set " + register(property) + " " + value.asText());
        return Optional.empty(); // the runtime reads it back
    }

    private static String register(DeviceProperty property) throws RequestRefusedException {
        try {
            return TankDriver.register(property);
        } catch (ConfigurationException e) {
            throw new RequestRefusedException(e.getMessage(), e); // checked when the tank was opened
        }
    }

    private String ask(String line) throws IOException {
        socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.US_ASCII));
        StringBuilder answer = new StringBuilder();
        for (int c = answers.read(); c != '\n'; c = answers.read()) {
            if (c < 0 || answer.length() == LONGEST_ANSWER) {
                throw new IOException(c < 0 ? "the tank closed the connection" : "the tank's answer is longer than " + LONGEST_ANSWER + " characters");
            }
            answer.append((char) c);
        }
        if (answer.toString().startsWith("error ")) {
            throw new RequestRefusedException("\"" + line + "\": " + answer.substring(6));
        }
        return answer.toString();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
