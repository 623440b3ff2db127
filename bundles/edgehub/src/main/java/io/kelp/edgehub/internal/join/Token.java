package io.kelp.edgehub.internal.join;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Locale;

/**
 * A join token (specification section 1.4).
 *
 * @param caHash SHA-256 of the CA certificate in DER, lower-case hexadecimal
 * @param jwt what the cloud wants to see
 */
record Token(String caHash, String jwt) {

    static Token parse(String text) throws JoinException {
        int dot = text.indexOf('.');
        boolean good = text.split("\\.", -1).length == 4
                && text.substring(0, dot).matches("[0-9a-fA-F]{64}")
                && text.substring(dot + 1).matches("[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+");
        if (!good) {
            throw JoinException.usage("the token is not complete: it must be the CA's hash of 64 digits, a dot, and three"
                    + " more parts with dots between them; copy the whole line that \"kelp-cloud token\" prints");
        }
        return new Token(text.substring(0, dot).toLowerCase(Locale.ROOT), text.substring(dot + 1));
    }

    boolean isOf(byte[] caDer) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(caDer);
            return MessageDigest.isEqual(hash, HexFormat.of().parseHex(caHash));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime has no SHA-256", e);
        }
    }

    @Override
    public String toString() {
        return "token of CA " + caHash; // never the secret part
    }
}
