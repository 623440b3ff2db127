package io.kelp.kubeapi.internal.types;

/** Where base64 goes wrong, counted as Go's decoder does. */
final class Base64Text {

    private Base64Text() {
    }

    /** @return the first byte that does not fit, -1 when the text is good (padded, RFC 4648 section 4) */
    static int firstIllegal(String text) {
        int length = text.length();
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c == '=') {
                int place = i % 4;
                boolean two = place == 2 && i + 1 < length && text.charAt(i + 1) == '=';
                int end = two ? i + 2 : i + 1;
                if (place < 2) {
                    return i;
                }
                if (place == 2 && !two) {
                    return i + 1 < length ? i + 1 : length;
                }
                return end == length ? -1 : end;
            }
            boolean known = c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/';
            if (!known) {
                return i;
            }
        }
        return length % 4 == 0 ? -1 : length - length % 4;
    }
}
