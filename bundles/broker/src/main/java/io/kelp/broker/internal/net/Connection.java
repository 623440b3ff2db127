package io.kelp.broker.internal.net;

import io.kelp.broker.internal.core.Budget;
import io.kelp.broker.internal.core.Client;
import io.kelp.broker.internal.core.Wire;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.util.ArrayDeque;
import java.util.function.Consumer;

/** One socket with its queue of bytes to send. Touched by the broker's thread alone. */
final class Connection implements Wire {

    private final String peer;
    private final Budget budget;
    private final Consumer<Connection> hasWork;
    private final ArrayDeque<byte[]> out = new ArrayDeque<>(0);
    private int headOffset;
    private int queued;

    Transport transport;
    SelectionKey key;
    Client client;
    byte[] partial;      // beginning of a packet whose rest has not come; null when there is none
    int partialLength;
    boolean closing;
    boolean gone;
    boolean inWorkList;

    /** @param hasWork told when there is something to send or the connection wants to be closed */
    Connection(String peer, Budget budget, Consumer<Connection> hasWork) {
        this.peer = peer;
        this.budget = budget;
        this.hasWork = hasWork;
    }

    @Override
    public void send(byte[] head, byte[] body) {
        if (closing) {
            return;
        }
        add(head);
        add(body);
        hasWork.accept(this);
    }

    @Override
    public int queuedBytes() {
        return queued;
    }

    @Override
    public void close() {
        closing = true;
        hasWork.accept(this);
    }

    @Override
    public String peer() {
        return peer;
    }

    /** Hands the queue to the transport through a shared buffer, until the queue is empty or the socket full. */
    void flush(ByteBuffer scratch) throws IOException {
        while (queued > 0) {
            scratch.clear();
            fill(scratch);
            scratch.flip();
            int offered = scratch.remaining();
            transport.write(scratch);
            int taken = offered - scratch.remaining();
            drop(taken);
            if (taken < offered) {
                return;
            }
        }
        transport.isBlocked();
    }

    boolean wantsToWrite() throws IOException {
        return queued > 0 || transport.isBlocked();
    }

    /** Forgets the queue, at the end. */
    void release() {
        budget.add(-queued);
        queued = 0;
        out.clear();
    }

    private void add(byte[] bytes) {
        if (bytes.length > 0) {
            out.add(bytes);
            queued += bytes.length;
            budget.add(bytes.length);
        }
    }

    private void fill(ByteBuffer scratch) {
        int offset = headOffset;
        for (byte[] bytes : out) {
            int count = Math.min(bytes.length - offset, scratch.remaining());
            scratch.put(bytes, offset, count);
            offset = 0;
            if (!scratch.hasRemaining()) {
                return;
            }
        }
    }

    private void drop(int taken) {
        queued -= taken;
        budget.add(-taken);
        int rest = taken;
        while (rest > 0) {
            int head = out.peek().length - headOffset;
            if (rest < head) {
                headOffset += rest;
                return;
            }
            out.poll();
            headOffset = 0;
            rest -= head;
        }
    }
}
