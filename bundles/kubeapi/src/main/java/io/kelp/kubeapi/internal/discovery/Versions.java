package io.kelp.kubeapi.internal.discovery;

import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The order of versions: v2, v1, v1beta1, v1alpha1, then what is not named so
 * (https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/#version-priority).
 */
final class Versions {

    private static final Pattern FORM = Pattern.compile("v([1-9]\\d{0,8})(?:(alpha|beta)([1-9]\\d{0,8}))?");

    /** The preferred version first. */
    static final Comparator<String> PRIORITY = Versions::compare;

    private Versions() {
    }

    private static int compare(String a, String b) {
        Matcher left = FORM.matcher(a);
        Matcher right = FORM.matcher(b);
        boolean leftKnown = left.matches();
        boolean rightKnown = right.matches();
        if (!leftKnown || !rightKnown) {
            return leftKnown != rightKnown ? leftKnown ? -1 : 1 : a.compareTo(b);
        }
        int stage = stage(right) - stage(left);
        if (stage != 0) {
            return stage;
        }
        int major = Integer.compare(Integer.parseInt(right.group(1)), Integer.parseInt(left.group(1)));
        return major != 0 || left.group(3) == null ? major : Integer.compare(Integer.parseInt(right.group(3)), Integer.parseInt(left.group(3)));
    }

    private static int stage(Matcher version) {
        return version.group(2) == null ? 2 : version.group(2).equals("beta") ? 1 : 0;
    }
}
