package io.kelp.mapper.modbus.internal;

import io.kelp.mapper.modbus.internal.wire.Bus;
import io.kelp.mapper.modbus.internal.wire.ExceptionAnswer;
import io.kelp.mapper.modbus.internal.wire.Pdu;
import java.io.IOException;
import java.time.Duration;

/** One unit on a bus: paces, repeats what may be repeated, waits while it is busy. */
final class Unit {

    /** How often a device that says it is busy is asked again. */
    private static final int MOST_BUSY = 3;
    private static final Duration BUSY_PAUSE = Duration.ofMillis(100);

    private final Bus bus;
    private final DeviceSettings settings;
    private boolean answered;
    private long readyAt = System.nanoTime();

    Unit(Bus bus, DeviceSettings settings) {
        this.bus = bus;
        this.settings = settings;
    }

    /**
     * @return of a read the data, of a write nothing
     * @throws ExceptionAnswer when the device refuses
     * @throws IOException when it is lost
     */
    byte[] ask(byte[] request) throws IOException, InterruptedException {
        int retries = answered && Pdu.reads(request) ? settings.retries() : 0;
        for (int busy = 0; ; ) {
            try {
                Bus.pause(readyAt - System.nanoTime());
                byte[] answer = bus.ask(settings.unit(), request, settings.timeout());
                answered = true;
                return answer;
            } catch (ExceptionAnswer e) {
                if (e.unreachable()) {
                    throw new IOException("unit " + settings.unit() + " at " + bus.line().bus() + ": " + e.getMessage(), e);
                }
                answered = true;
                if (e.code() != ExceptionAnswer.BUSY || ++busy > MOST_BUSY) {
                    throw e;
                }
                Bus.pause(BUSY_PAUSE.toNanos());
            } catch (IOException e) {
                if (retries-- <= 0) {
                    throw e;
                }
            } finally {
                readyAt = System.nanoTime() + settings.pause().toNanos();
            }
        }
    }

    void tellAll(byte[] request) throws IOException, InterruptedException {
        bus.tellAll(request);
    }
}
