package io.kelp.mapper.internal;

import io.kelp.edged.ObjectEvents;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Events as lines. */
final class RecordedEvents implements ObjectEvents {

    final List<String> lines = new CopyOnWriteArrayList<>();

    @Override
    public void record(ObjectReference object, Type type, String reason, String message) {
        lines.add(object.namespace() + "/" + object.name() + " " + type + " " + reason + ": " + message);
    }
}
