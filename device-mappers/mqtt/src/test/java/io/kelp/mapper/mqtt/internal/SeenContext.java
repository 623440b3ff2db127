package io.kelp.mapper.mqtt.internal;

import static org.junit.jupiter.api.Assertions.fail;

import io.kelp.mapper.DeviceContext;
import io.kelp.mapper.Reading;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;

/** What a connection tells, for tests to look at. */
public final class SeenContext implements DeviceContext {

    public final Map<String, Reading> last = new ConcurrentHashMap<>();
    final List<String> said = new ArrayList<>(); // guarded by this

    @Override
    public void publish(String property, Reading reading) {
        last.put(property, reading);
        say(property + "=" + (reading.value() == null ? "bad" : reading.value().asText()));
    }

    @Override
    public void lost(String reason) {
        say("lost");
    }

    @Override
    public void away(String reason) {
        say("away: " + reason);
    }

    @Override
    public void back() {
        say("back");
    }

    @Override
    public Optional<String> lastReported(String property) {
        return Optional.empty();
    }

    private synchronized void say(String line) {
        said.add(line);
    }

    public synchronized List<String> said() {
        return List.copyOf(said);
    }

    public synchronized long count(String line) {
        return said.stream().filter(line::equals).count();
    }

    public void awaitValue(String property, String text) {
        await(() -> last.get(property) != null && last.get(property).value() != null && last.get(property).value().asText().equals(text),
                property + " = " + text);
    }

    public void awaitSaid(String beginning) {
        await(() -> said().stream().anyMatch(line -> line.startsWith(beginning)), beginning);
    }

    public void await(BooleanSupplier condition, String what) {
        long end = System.nanoTime() + 10_000_000_000L;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                fail("waited in vain for " + what + "; there was " + said());
            }
            try {
                Thread.sleep(5);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
