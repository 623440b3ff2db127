package io.kelp.broker.internal.core;

import java.util.HashMap;
import java.util.Map;
import java.util.function.ObjIntConsumer;

/**
 * Who has subscribed to what, as a tree of topic levels.
 *
 * @param <S> subscriber
 */
final class SubscriptionTree<S> {

    private static final class Node<S> {
        private Map<String, Node<S>> children = Map.of();
        private Map<S, Integer> subscribers = Map.of();

        private boolean isEmpty() {
            return children.isEmpty() && subscribers.isEmpty();
        }
    }

    private final Node<S> root = new Node<>();

    /** Adds a subscription or changes its QoS. The filter is valid. */
    void put(String filter, S subscriber, int qos) {
        Node<S> node = root;
        for (String level : levels(filter)) {
            if (node.children.isEmpty()) {
                node.children = new HashMap<>(4);
            }
            node = node.children.computeIfAbsent(level, l -> new Node<>());
        }
        if (node.subscribers.isEmpty()) {
            node.subscribers = new HashMap<>(4);
        }
        node.subscribers.put(subscriber, qos);
    }

    void remove(String filter, S subscriber) {
        remove(root, levels(filter), 0, subscriber);
    }

    /** Names every subscription that matches, with its QoS; a subscriber with overlapping ones more than once. */
    void match(String topic, ObjIntConsumer<S> found) {
        match(root, levels(topic), 0, found, topic.startsWith("$"));
    }

    private void match(Node<S> node, String[] levels, int at, ObjIntConsumer<S> found, boolean noWildcard) {
        if (!noWildcard) {
            Node<S> all = node.children.get("#");
            if (all != null) {
                all.subscribers.forEach(found::accept);
            }
        }
        if (at == levels.length) {
            node.subscribers.forEach(found::accept);
            return;
        }
        Node<S> same = node.children.get(levels[at]);
        if (same != null) {
            match(same, levels, at + 1, found, false);
        }
        Node<S> any = noWildcard ? null : node.children.get("+");
        if (any != null) {
            match(any, levels, at + 1, found, false);
        }
    }

    private boolean remove(Node<S> node, String[] levels, int at, S subscriber) {
        if (at == levels.length) {
            if (!node.subscribers.isEmpty()) {
                node.subscribers.remove(subscriber);
            }
            return node.isEmpty();
        }
        Node<S> child = node.children.get(levels[at]);
        if (child != null && remove(child, levels, at + 1, subscriber)) {
            node.children.remove(levels[at]);
        }
        return node.isEmpty();
    }

    private static String[] levels(String text) {
        int count = 1;
        for (int i = text.indexOf('/'); i >= 0; i = text.indexOf('/', i + 1)) {
            count++;
        }
        String[] levels = new String[count];
        int start = 0;
        for (int i = 0; i < count; i++) {
            int slash = text.indexOf('/', start);
            levels[i] = slash < 0 ? text.substring(start) : text.substring(start, slash);
            start = slash + 1;
        }
        return levels;
    }
}
