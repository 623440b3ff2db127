package io.kelp.edged.internal.pod;

import io.kelp.metamanager.MetaStore;
import io.kelp.metamanager.MetaStore.MetaObject;
import java.util.ArrayList;
import java.util.List;

/** The pods that the cloud has bound to this gateway, from the gateway's copy. */
final class MetaPods implements PodSource {

    private static final List<String> REFERENCES = List.of("configmap", "secret");

    private final MetaStore objects;

    MetaPods(MetaStore objects) {
        this.objects = objects;
    }

    @Override
    public AutoCloseable watch(Listener listener) {
        List<AutoCloseable> watches = new ArrayList<>();
        watches.add(objects.watch("pod", new MetaStore.Listener() {
            @Override
            public void changed(MetaObject object) {
                listener.changed(Pod.of(object));
            }

            @Override
            public void removed(MetaObject last) {
                listener.removed(Pod.of(last));
            }

            @Override
            public void complete() {
                listener.complete();
            }
        }));
        for (String type : REFERENCES) {
            watches.add(objects.watch(type, new MetaStore.Listener() {
                @Override
                public void changed(MetaObject object) {
                    listener.referenceChanged(object.namespace());
                }

                @Override
                public void removed(MetaObject last) {} // nothing can have been waiting for that
            }));
        }
        return () -> {
            for (AutoCloseable watch : watches) {
                watch.close();
            }
        };
    }
}
