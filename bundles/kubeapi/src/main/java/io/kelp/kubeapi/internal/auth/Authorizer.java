package io.kelp.kubeapi.internal.auth;

import io.kelp.kubeapi.User;

/** Decides who may do what. */
public interface Authorizer {

    /**
     * What is to be done.
     *
     * @param verb {@code get}, {@code list}, {@code watch}, {@code create}, {@code update}, {@code patch}, {@code delete},
     *     {@code deletecollection}; for paths the method in lower case
     * @param resource plural, with {@code /status} and the like where there is one; empty for a path
     * @param path for what is no resource, {@code /version}; empty otherwise
     */
    record Action(String verb, String group, String resource, String namespace, String name, String path) {}

    /** @param reason for the user when not allowed, may be empty */
    record Decision(boolean allowed, String reason) {}

    Decision decide(User user, Action action);
}
