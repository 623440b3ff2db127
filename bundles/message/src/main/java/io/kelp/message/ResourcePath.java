package io.kelp.message;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A resource of the form {@code <namespace>/<type>[/<name>]} (specification section 3.6).
 *
 * <p>Cluster-scoped objects have the namespace {@link #CLUSTER}. Immutable.
 *
 * @param namespace Kubernetes namespace or {@code null} as a word, never empty
 * @param type object type in lower case, for example {@code pod}, never empty
 * @param name object name, empty for a path without one
 */
public record ResourcePath(String namespace, String type, String name) {

    /** What stands in place of a namespace for cluster-scoped objects. */
    public static final String CLUSTER = "null";

    private static final int MAX_LENGTH = 1024;
    private static final String NODE_PREFIX = "node/";

    public ResourcePath {
        requireSegment(namespace, "namespace");
        requireSegment(type, "type");
        if (!name.isEmpty()) {
            requireSegment(name, "name");
        }
    }

    /** Whether the object has no namespace. */
    public boolean isClusterScoped() {
        return CLUSTER.equals(namespace);
    }

    /**
     * Reads a path as it stands on the wire.
     *
     * @return empty when the text is not {@code <namespace>/<type>[/<name>]}: too many or too few
     *     segments, an empty one, {@code .} or {@code ..} as a segment, a control character
     */
    public static Optional<ResourcePath> parse(String text) {
        if (text.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        List<String> parts = split(text);
        if (parts.size() < 2 || parts.size() > 3 || !parts.stream().allMatch(ResourcePath::isSegment)) {
            return Optional.empty();
        }
        return Optional.of(new ResourcePath(parts.get(0), parts.get(1), parts.size() == 3 ? parts.get(2) : ""));
    }

    /**
     * The path with the addressee in front, as the cloud's own components write it:
     * {@code node/<node>/<path>}.
     */
    public static String forNode(String node, String path) {
        return NODE_PREFIX + node + "/" + path;
    }

    /**
     * Takes the addressee off a path before it goes to the edge: a path that begins with the
     * letters {@code node} and has at least three segments loses its first two (section 3.6;
     * the stock cloud looks at the prefix, not at the segment).
     */
    public static String withoutNode(String path) {
        if (!path.startsWith("node")) {
            return path;
        }
        int first = path.indexOf('/');
        int second = first < 0 ? -1 : path.indexOf('/', first + 1);
        return second < 0 ? path : path.substring(second + 1);
    }

    @Override
    public String toString() {
        return name.isEmpty() ? namespace + "/" + type : namespace + "/" + type + "/" + name;
    }

    private static void requireSegment(String segment, String what) {
        if (!isSegment(segment)) {
            throw new IllegalArgumentException(what + " of a resource path cannot be \"" + segment + "\"");
        }
    }

    private static boolean isSegment(String s) {
        if (s.isEmpty() || s.equals(".") || s.equals("..")) {
            return false;
        }
        return s.chars().noneMatch(c -> c == '/' || Character.isISOControl(c));
    }

    private static List<String> split(String text) {
        List<String> parts = new ArrayList<>(4);
        int start = 0;
        for (int slash = text.indexOf('/'); slash >= 0; slash = text.indexOf('/', start)) {
            parts.add(text.substring(start, slash));
            start = slash + 1;
        }
        parts.add(text.substring(start));
        return parts;
    }
}
