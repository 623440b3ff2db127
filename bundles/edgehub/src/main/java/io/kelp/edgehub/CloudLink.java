package io.kelp.edgehub;

import io.kelp.message.Message;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The link to the cloud. What leaves the gateway leaves here.
 *
 * <p>Nothing is queued while there is no link: what must arrive is kept by its owner, who sends
 * the newest value when {@link CloudMessageHandler#connected} is called.
 *
 * <p>Safe for use by several threads. No method blocks.
 */
@ProviderType
public interface CloudLink {

    /** State of the link. */
    enum State { CONNECTING, CONNECTED, DISCONNECTED }

    /** What is at the other end. */
    enum Peer { KELP, KUBEEDGE }

    /**
     * The link at one moment.
     *
     * @param state its state
     * @param since when it entered this state
     * @param peer who is at the other end; {@code null} unless connected
     * @param lastError why the link broke or could not be made last time, for people; empty if it never did
     */
    record Status(State state, Instant since, Peer peer, String lastError) {}

    Status status();

    /**
     * Sends a message that needs no answer.
     *
     * @return false when there is no link or its queue is full; the message is then dropped, and the
     *     caller tries again after {@link CloudMessageHandler#connected} or later
     */
    boolean send(Message message);

    /**
     * Sends a message and waits for the answer, a message whose parent id is the request's id.
     *
     * @return completes with the answer, whatever it says; fails with {@link LinkException} when there
     *     is no link, the link breaks first, or nothing comes within {@code timeout}
     */
    CompletionStage<Message> request(Message message, Duration timeout);

    /**
     * Runs {@code sends}, on the calling thread and at once; what is sent meanwhile leaves together after it, in one go where the
     * peer allows that. Worth it for whoever has several messages at a time.
     *
     * @param sends calls {@link #send} or {@link #request}, waits for nothing
     */
    default void together(Runnable sends) {
        sends.run();
    }
}
