package io.kelp.cloud.device;

import io.kelp.cloud.hub.Delivery;
import io.kelp.cloud.hub.GatewayObject;
import io.kelp.cloud.hub.NodeSession;
import io.kelp.message.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/** Keeps what goes to one node, in the form in which it would be on the wire. */
final class FakeHub implements Delivery, NodeSession {

    private final String node;
    private final boolean kelp;
    private final List<Message> sent = new ArrayList<>();

    FakeHub(String node, boolean kelp) {
        this.node = node;
        this.kelp = kelp;
    }

    /** What was sent since the last call. */
    synchronized List<Message> take() {
        List<Message> taken = List.copyOf(sent);
        sent.clear();
        return taken;
    }

    synchronized boolean has(Predicate<Message> predicate) {
        return sent.stream().anyMatch(predicate);
    }

    synchronized int count() {
        return sent.size();
    }

    @Override
    public synchronized void deliver(String to, Change change, GatewayObject object) {
        if (to.equals(node)) {
            sent.add(Message.ofObject(object.source(), "resource", change.name().toLowerCase(Locale.ROOT),
                    object.namespace() + "/" + object.type() + "/" + object.name(), object.resourceVersion(), object.json().get()));
        }
    }

    @Override
    public void redeliver(String to, GatewayObject object) {
        deliver(to, Change.UPDATE, object);
    }

    @Override
    public boolean send(String to, Message message) {
        return to.equals(node) && send(message);
    }

    @Override
    public void answerReliably(NodeSession session, Message answer, GatewayObject object) {
        send(answer);
    }

    @Override
    public void nodeRemoved(String name) {
        throw new AssertionError("the device controller does not remove nodes");
    }

    @Override
    public boolean isConnected(String name) {
        return name.equals(node);
    }

    @Override
    public String node() {
        return node;
    }

    @Override
    public boolean isKelp() {
        return kelp;
    }

    @Override
    public synchronized boolean send(Message message) {
        return sent.add(message);
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void complain(String text) {
        // what tests look at is what is sent
    }
}
