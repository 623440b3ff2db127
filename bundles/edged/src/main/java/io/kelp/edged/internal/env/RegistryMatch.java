package io.kelp.edged.internal.env;

/**
 * Whether credentials are meant for an image, by kubelet's rules: the host matches label by label, where
 * a label of the credentials may be a glob ({@code *}, {@code ?}, {@code [a-z]}); the port is the same; the
 * path begins the image's path.
 */
final class RegistryMatch {

    private static final String DOCKER_HUB = "index.docker.io";

    private RegistryMatch() {}

    /** A key of a docker configuration without scheme and API version. */
    static String normal(String key) {
        String text = key.strip();
        for (String scheme : new String[] {"https://", "http://"}) {
            if (text.startsWith(scheme)) {
                text = text.substring(scheme.length());
            }
        }
        int slash = text.indexOf('/');
        String host = slash < 0 ? text : text.substring(0, slash);
        String path = slash < 0 ? "" : text.substring(slash);
        while (path.endsWith("/")) {
            path = path.substring(0, path.length() - 1);
        }
        return path.equals("/v1") || path.equals("/v2") ? host : host + path;
    }

    /** Registry and repository of an image: without tag and digest, with the registry that is meant when none is named. */
    static String target(String image) {
        String name = image;
        int at = name.indexOf('@');
        if (at >= 0) {
            name = name.substring(0, at);
        }
        int colon = name.lastIndexOf(':');
        if (colon > name.lastIndexOf('/')) {
            name = name.substring(0, colon);
        }
        int slash = name.indexOf('/');
        String first = slash < 0 ? "" : name.substring(0, slash);
        boolean host = first.contains(".") || first.contains(":") || first.equals("localhost");
        String path = host ? name.substring(slash + 1) : name;
        boolean hub = !host || first.equals("docker.io") || first.equals(DOCKER_HUB);
        return hub ? "docker.io/" + (path.contains("/") ? path : "library/" + path) : first + "/" + path;
    }

    /** @param registry as {@link #normal} gives it; @param target as {@link #target} gives it */
    static boolean fits(String registry, String target) {
        String host = host(registry);
        String path = registry.substring(host.length());
        String targetHost = host(target);
        String targetPath = target.substring(targetHost.length());
        boolean hub = targetHost.equals("docker.io") && (host.equals(DOCKER_HUB) || host.equals("registry-1.docker.io"));
        return targetPath.startsWith(path) && (hub || hostFits(host, targetHost));
    }

    private static boolean hostFits(String pattern, String host) {
        if (!port(pattern).equals(port(host))) {
            return false;
        }
        String[] globs = name(pattern).split("\\.", -1);
        String[] labels = name(host).split("\\.", -1);
        if (globs.length != labels.length) {
            return false;
        }
        for (int i = 0; i < globs.length; i++) {
            if (!glob(globs[i], labels[i])) {
                return false;
            }
        }
        return true;
    }

    private static String host(String url) {
        int slash = url.indexOf('/');
        return slash < 0 ? url : url.substring(0, slash);
    }

    /** Empty when there is none; an IPv6 address in brackets has colons of its own. */
    private static String port(String host) {
        int colon = host.lastIndexOf(':');
        return colon > host.lastIndexOf(']') ? host.substring(colon + 1) : "";
    }

    private static String name(String host) {
        int colon = host.lastIndexOf(':');
        String name = colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
        return name.startsWith("[") && name.endsWith("]") && name.contains(":") ? name.substring(1, name.length() - 1) : name;
    }

    /** Go's {@code path.Match} for one label; goes back to the last star only, so that hostile patterns cost little. */
    private static boolean glob(String pattern, String text) {
        int p = 0;
        int t = 0;
        int star = -1;
        int tried = 0;
        while (t < text.length()) {
            int next = p < pattern.length() ? one(pattern, p, text.charAt(t)) : -1;
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = ++p;
                tried = t;
            } else if (next > 0) {
                p = next;
                t++;
            } else if (star >= 0) {
                p = star;
                t = ++tried;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }

    /** Where the pattern goes on after it has matched the character, -1 when it does not match. */
    private static int one(String pattern, int p, char c) {
        if (pattern.charAt(p) == '[') {
            int close = pattern.indexOf(']', p + 2);
            return close > 0 && inClass(pattern.substring(p + 1, close), c) ? close + 1 : -1;
        }
        return pattern.charAt(p) == '?' || pattern.charAt(p) == c ? p + 1 : -1;
    }

    private static boolean inClass(String characters, char c) {
        boolean negated = characters.startsWith("^");
        String members = negated ? characters.substring(1) : characters;
        boolean found = false;
        for (int i = 0; i < members.length(); i++) {
            if (i + 2 < members.length() && members.charAt(i + 1) == '-') {
                found |= members.charAt(i) <= c && c <= members.charAt(i + 2);
                i += 2;
            } else {
                found |= members.charAt(i) == c;
            }
        }
        return found != negated;
    }
}
