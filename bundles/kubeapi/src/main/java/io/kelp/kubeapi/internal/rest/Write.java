package io.kelp.kubeapi.internal.rest;

import com.google.gson.JsonObject;
import io.kelp.kubeapi.User;

/**
 * How an object is to be written.
 *
 * @param manager field manager
 * @param subresource empty, or for example {@code status}
 * @param applied whether field management has been done already (server-side apply)
 */
record Write(User user, String manager, String subresource, boolean dryRun, boolean applied) {

    static Write of(User user, String manager, boolean dryRun) {
        return new Write(user, manager, "", dryRun, false);
    }

    Write below(String part) {
        return new Write(user, manager, part, dryRun, applied);
    }

    Write managed() {
        return new Write(user, manager, subresource, dryRun, true);
    }

    /**
     * What came of it.
     *
     * @param object as it is now, with its resourceVersion; what it was when it is gone
     * @param created whether it is new
     * @param gone whether it does not exist any more
     * @param stored its stored form when that is in the version that was asked for; {@code null} when nobody has it at hand
     */
    record Result(JsonObject object, boolean created, boolean gone, byte[] stored) {

        Result(JsonObject object, boolean created, boolean gone) {
            this(object, created, gone, null);
        }
    }
}
