package io.kelp.cloud.hub;

import io.kelp.message.Message;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Messages of one gateway, handled one after the other on the workers that all gateways share. After
 * a few messages the next gateway gets its turn. Safe for use by several threads.
 */
final class Mailbox {

    private static final int TURN = 16;

    private final Executor workers;
    private final Consumer<Message> handler;
    private final Runnable drained;
    private final int maxBytes;
    private final Queue<Entry> queue = new ArrayDeque<>(2);
    private long bytes;
    private boolean running;
    private boolean full;

    private record Entry(Message message, int bytes) {}

    /** @param drained called when there is room again after {@link #add} said there is none */
    Mailbox(Executor workers, Consumer<Message> handler, Runnable drained, int maxBytes) {
        this.workers = workers;
        this.handler = handler;
        this.drained = drained;
        this.maxBytes = maxBytes;
    }

    /** @return whether there is room for more */
    boolean add(Message message, int size) {
        boolean start;
        boolean room;
        synchronized (this) {
            queue.add(new Entry(message, size));
            bytes += size;
            start = !running;
            running = true;
            full = bytes > maxBytes;
            room = !full;
        }
        if (start) {
            workers.execute(this::turn);
        }
        return room;
    }

    private void turn() {
        for (int i = 0; i < TURN; i++) {
            Entry entry;
            synchronized (this) {
                entry = queue.poll();
                if (entry == null) {
                    running = false;
                    return;
                }
            }
            handler.accept(entry.message());
            boolean roomAgain;
            synchronized (this) {
                bytes -= entry.bytes();
                roomAgain = full && bytes <= maxBytes / 2;
                full &= !roomAgain;
            }
            if (roomAgain) {
                drained.run();
            }
        }
        workers.execute(this::turn);
    }
}
