package io.kelp.kubeapi;

/** The store that other tests rely on keeps the contract. */
class MemoryApiStoreTest extends ApiStoreContract {

    @Override
    protected ApiStore open() {
        return new MemoryApiStore();
    }

    @Override
    protected void forgetPast(ApiStore store) {
        ((MemoryApiStore) store).compact(store.revision());
    }
}
