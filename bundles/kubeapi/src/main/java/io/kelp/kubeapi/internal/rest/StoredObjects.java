package io.kelp.kubeapi.internal.rest;

import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.ApiStore;
import io.kelp.kubeapi.User;
import io.kelp.kubeapi.internal.patch.FieldManagement;
import io.kelp.kubeapi.internal.resource.Objects;
import io.kelp.kubeapi.internal.resource.ResourceCatalog;
import io.kelp.kubeapi.internal.resource.ResourceType;
import io.kelp.kubeapi.internal.schema.SchemaRules;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** The objects of an {@link ApiStore} with all rules of the API on every write. Safe for use by several threads. */
public final class StoredObjects implements Objects {

    /** What a write may be refused for beside its own faults. */
    public interface Guard {

        /**
         * @param namespace of the object, empty for cluster-scoped kinds
         * @param object as it would be written
         * @param old the object before, {@code null} when it is created
         */
        void check(User user, ResourceType type, String namespace, JsonObject object, JsonObject old) throws ApiException;
    }

    private static final User SELF = User.of("system:apiserver", "system:masters");
    private static final int PAGE = 500;

    private final ApiStore store;
    private final Forms forms;
    private final Intake intake;
    private final Admission admission;
    private final Creation creation;
    private final Update update;
    private final Deletion deletion;
    private final LargeObjects large = new LargeObjects();

    /** Without a guard: everything that is valid may be written. */
    public StoredObjects(ApiStore store, ResourceCatalog catalog, FieldManagement fields, SchemaRules schemas, InstantSource clock) {
        this(store, catalog, fields, schemas, (user, type, namespace, object, old) -> { }, clock);
    }

    public StoredObjects(ApiStore store, ResourceCatalog catalog, FieldManagement fields, SchemaRules schemas, Guard guard, InstantSource clock) {
        this.store = store;
        this.forms = new Forms(catalog, schemas);
        this.intake = new Intake(schemas);
        this.admission = new Admission(store, schemas, guard, clock);
        this.creation = new Creation(store, forms, admission, fields);
        this.update = new Update(store, forms, admission, fields, large);
        this.deletion = new Deletion(store, forms, admission);
    }

    ApiStore store() {
        return store;
    }

    Forms forms() {
        return forms;
    }

    LargeObjects large() {
        return large;
    }

    Intake intake() {
        return intake;
    }

    Admission admission() {
        return admission;
    }

    Creation creation() {
        return creation;
    }

    Update update() {
        return update;
    }

    Deletion deletion() {
        return deletion;
    }

    @Override
    public Optional<JsonObject> get(ResourceType type, String namespace, String name) {
        return store.get(type.key(namespace, name)).map(item -> forms.read(type, item.value()));
    }

    @Override
    public void forEach(ResourceType type, String namespace, Consumer<JsonObject> each) {
        ApiStore.Key after = null;
        long revision = 0;
        while (true) {
            ApiStore.Page page;
            try {
                page = store.list(type.collection(), type.namespaced() ? namespace : "", after, PAGE, revision);
            } catch (ApiStore.CompactedException e) {
                // It took longer than history lives. The rest is told as it is now: nothing that stayed is left out.
                revision = 0;
                continue;
            }
            for (ApiStore.Item item : page.items()) {
                each.accept(forms.read(type, item.value()));
                after = item.key();
            }
            if (page.remaining() == 0) {
                return;
            }
            revision = page.revision();
        }
    }

    @Override
    public JsonObject create(ResourceType type, JsonObject object, String manager) throws ApiException {
        JsonObject own = take(type, object);
        return creation.create(type, Meta.text(own, "namespace"), own, Write.of(SELF, manager, false)).object();
    }

    @Override
    public Optional<JsonObject> update(ResourceType type, String namespace, String name, String subresource, String manager,
            UnaryOperator<JsonObject> change) throws ApiException {
        boolean[] left = new boolean[1];
        Optional<Write.Result> result = update.update(type, namespace, name, Write.of(SELF, manager, false).below(subresource), false, current -> {
            JsonObject next = change.apply(current);
            left[0] = next == null;
            return next == null ? null : take(type, next);
        });
        return left[0] ? Optional.empty() : result.map(Write.Result::object);
    }

    @Override
    public boolean delete(ResourceType type, String namespace, String name, String uid, String propagation) throws ApiException {
        return deletion.delete(type, namespace, name, new DeleteOptions(null, propagation, uid, "", false, false), false).isPresent();
    }

    private JsonObject take(ResourceType type, JsonObject object) throws ApiException {
        JsonObject own = object.deepCopy();
        own.addProperty("apiVersion", type.apiVersion());
        own.addProperty("kind", type.kind());
        return intake.acceptBody(type, own, List.of(), Intake.Validation.IGNORE, new ArrayList<>());
    }
}
