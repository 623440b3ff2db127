package io.kelp.kubeapi.internal.patch;

import java.util.Comparator;

/**
 * Who changes fields, and how. Two entries of {@code managedFields} with the same manager are one.
 *
 * @param apply whether by server-side apply
 * @param apiVersion of the entry; empty for those who apply: one manager has one such entry, whatever version it applies
 * @param subresource empty for none
 */
record Manager(String name, boolean apply, String apiVersion, String subresource) implements Comparable<Manager> {

    private static final Comparator<Manager> ORDER = Comparator.comparing(Manager::name).thenComparing(Manager::apply)
            .thenComparing(Manager::apiVersion).thenComparing(Manager::subresource);

    @Override
    public int compareTo(Manager other) {
        return ORDER.compare(this, other);
    }

    /** As messages about conflicts name it. */
    String shown() {
        return StrictJson.quote(name)
                + (subresource.isEmpty() ? "" : " with subresource " + StrictJson.quote(subresource))
                + (apply ? "" : " using " + apiVersion);
    }
}
