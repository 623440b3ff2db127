package io.kelp.kubeapi.internal.rest;

import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.ApiResponse;
import io.kelp.kubeapi.ApiStore;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One watch. It pulls: it remembers the revision up to which its client knows everything, and when the client can take
 * more it looks what came after, in the shared history or, when it is too far behind for that, in the store. So it
 * needs no queue of its own. At most one part is on its way to the client.
 */
final class Watch {

    private static final Logger LOG = LoggerFactory.getLogger(Watch.class);
    private static final int PART = 32 * 1024;
    private static final int CHANGES = 200;

    private enum Phase { INITIAL, BEHIND, LIVE }

    private final Watches owner;
    private final Selection selection;
    private final Output output;
    private final ApiResponse response;
    private final WatchOptions options;
    private final AtomicInteger signals = new AtomicInteger();

    // Touched by the one thread that runs step(), handed over by signals.
    private Walk walk;
    private long position;
    private boolean headersSent;

    private volatile Phase phase;
    private volatile boolean writing;
    private volatile long writingSince;
    private volatile long bookmarkAt;
    private volatile boolean ending;
    private volatile boolean ended;

    Watch(Watches owner, Selection selection, Output output, ApiResponse response, WatchOptions options, Walk walk) {
        this.owner = owner;
        this.selection = selection;
        this.output = output;
        this.response = response;
        this.options = options;
        this.walk = walk;
        this.position = options.after();
        this.phase = walk != null ? Phase.INITIAL : Phase.BEHIND;
        this.bookmarkAt = options.nextBookmark(System.nanoTime());
    }

    Selection selection() {
        return selection;
    }

    /** Begins the answer. */
    void open() {
        response.start(200, Answers.headers("application/json"));
        response.closed().whenComplete((done, failure) -> close());
    }

    boolean hasEnded() {
        return ended;
    }

    /** There may be something to do; does it on this thread unless another one is at it. */
    void signalHere() {
        if (signals.getAndIncrement() == 0) {
            run();
        }
    }

    /** There may be something to do; never does it on this thread. */
    private void signal(Executor executor) {
        if (signals.getAndIncrement() == 0) {
            execute(executor);
        }
    }

    private void execute(Executor executor) {
        try {
            executor.execute(this::run);
        } catch (RejectedExecutionException e) {
            close(); // the server ends
        }
    }

    private void run() {
        int seen = 1;
        do {
            try {
                if (!ended && !writing) {
                    step();
                }
            } catch (RuntimeException e) {
                // Whatever one watch meets must not hurt the thread that serves them all.
                LOG.error("A watch of {} is broken off", selection.type().qualified(), e);
                response.abort();
                close();
            }
            if (phase == Phase.BEHIND && owner.onDispatcher() && !ended && !writing) {
                execute(owner.readers()); // reads the store there; the signal stays open
                return;
            }
            seen = signals.addAndGet(-seen);
        } while (seen != 0);
    }

    private void step() {
        switch (phase) {
            case INITIAL -> initial();
            case BEHIND -> behind();
            case LIVE -> live();
        }
    }

    private void initial() {
        Part part = new Part();
        try {
            while (part.size < PART) {
                if (!walk.advance()) {
                    position = walk.revision();
                    walk = null;
                    phase = Phase.LIVE;
                    if (options.marksInitialEnd()) {
                        part.add(owner.forms().bookmark(selection.type(), output, position, true));
                    }
                    break;
                }
                part.add(owner.forms().added(selection.type(), output, walk.stored(), headers()));
            }
        } catch (ApiStore.CompactedException e) {
            expire();
            return;
        }
        send(part);
        signal(owner.dispatcher());
    }

    private void behind() {
        if (owner.onDispatcher()) {
            return; // run() hands it to a thread that may read
        }
        Part part = new Part();
        try {
            long newest = owner.store().revision();
            List<ApiStore.Change> changes = owner.store().changes(selection.type().collection(), position, CHANGES);
            for (ApiStore.Change change : changes) {
                if (part.size >= PART) {
                    break;
                }
                part.add(owner.forms().event(new History.Entry(change, 0), selection, output, !headersSent));
                noteHeaders(part);
                position = change.revision();
            }
            if (changes.size() < CHANGES && (changes.isEmpty() || position == changes.get(changes.size() - 1).revision())) {
                position = Math.max(position, newest);
                phase = Phase.LIVE;
            }
        } catch (ApiStore.CompactedException e) {
            expire();
            return;
        }
        send(part);
        signal(phase == Phase.LIVE ? owner.dispatcher() : owner.readers());
    }

    private void live() {
        History.Snapshot history = owner.history();
        String collection = selection.type().collection();
        Part part = new Part();
        int index = history.after(position);
        boolean any = false;
        for (; index < history.entries().length && part.size < PART; index++) {
            History.Entry entry = history.entries()[index];
            if (entry.change().key().collection().equals(collection)) {
                if (!any && entry.previous() > position) {
                    fallBehind();
                    return;
                }
                any = true;
                part.add(owner.forms().event(entry, selection, output, !headersSent));
                noteHeaders(part);
            }
            position = entry.revision();
        }
        if (!any && history.last(collection) > position) {
            fallBehind();
            return;
        }
        if (index == history.entries().length) {
            position = Math.max(position, history.newest());
        }
        mark(part);
        send(part);
        if (index < history.entries().length) {
            signal(owner.dispatcher());
        } else if (ending && !writing) {
            finish();
        }
    }

    /** A change left the history before this watch came to it. */
    private void fallBehind() {
        phase = Phase.BEHIND;
        signal(owner.readers());
    }

    private void mark(Part part) {
        long now = System.nanoTime();
        if (options.bookmarks() && (ending || now - bookmarkAt >= 0)) {
            part.add(owner.forms().bookmark(selection.type(), output, position, false));
            bookmarkAt = options.nextBookmark(now);
        }
    }

    private boolean headers() {
        boolean first = !headersSent;
        headersSent = true;
        return first;
    }

    private void noteHeaders(Part part) {
        headersSent |= part.size > 0;
    }

    private void expire() {
        ApiException refusal = ApiException.expired("too old resource version: " + position + " (" + owner.store().oldest() + ")");
        write(EventForms.error(refusal));
        finish();
    }

    private void finish() {
        if (!ended) {
            ended = true;
            response.end();
            owner.remove(this);
        }
    }

    /** Events that go out together. */
    private static final class Part {
        private final List<byte[]> lines = new ArrayList<>(1);
        private int size;

        void add(byte[] line) {
            if (line != null) {
                lines.add(line);
                size += line.length;
            }
        }

        byte[] bytes() {
            byte[] all = new byte[size];
            int at = 0;
            for (byte[] line : lines) {
                System.arraycopy(line, 0, all, at, line.length);
                at += line.length;
            }
            return all;
        }
    }

    private void send(Part part) {
        if (part.size > 0) {
            write(part.lines.size() == 1 ? part.lines.get(0)
                    : owner.onDispatcher() ? owner.joined().bytes(part.lines, part::bytes) : part.bytes());
        }
    }

    private void write(byte[] bytes) {
        writingSince = System.nanoTime();
        writing = true;
        CompletableFuture<Void> written = response.write(ByteBuffer.wrap(bytes).asReadOnlyBuffer());
        if (written.isDone() && !written.isCompletedExceptionally()) {
            writing = false;
            return;
        }
        written.whenComplete((done, failure) -> {
            writing = false;
            if (failure != null) {
                close();
            } else {
                signal(phase == Phase.LIVE ? owner.dispatcher() : owner.readers());
            }
        });
    }

    /**
     * Looks at the clock; called about every second.
     *
     * @param patienceNanos how long a client may take for one part
     */
    void tick(long now, long patienceNanos) {
        if (writing && now - writingSince > patienceNanos) {
            LOG.info("A watch of {} is ended: its client took nothing for {} s", selection.type().qualified(), patienceNanos / 1_000_000_000);
            response.abort();
            close();
        } else if (now - options.endsAt() >= 0) {
            ending = true;
            signalHere();
        } else if (options.bookmarks() && now - bookmarkAt >= 0 && phase == Phase.LIVE) {
            signalHere();
        }
    }

    /** Ends the watch in good order as soon as its client has taken what is on its way. */
    void end() {
        ending = true;
        signal(owner.dispatcher());
    }

    /** Ends the watch at once. */
    void abort() {
        if (!ended) {
            response.abort();
            close();
        }
    }

    /** Forgets the watch; its answer has ended or is ended by the caller. */
    void close() {
        ended = true;
        owner.remove(this);
    }
}
