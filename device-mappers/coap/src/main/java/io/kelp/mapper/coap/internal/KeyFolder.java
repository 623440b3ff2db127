package io.kelp.mapper.coap.internal;

import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.Settings;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.eclipse.californium.elements.util.SslContextUtil;

/**
 * The folder of keys and certificates on the gateway. Devices name files in it by plain names: whoever may create devices
 * must not be able to have other files read.
 */
final class KeyFolder {

    private static final long LARGEST_FILE = 256 * 1024;
    /** Longest key that DTLS libraries in use take. */
    private static final int LONGEST_KEY = 256;

    private final Path folder; // null when the gateway has none

    KeyFolder(Path folder) {
        this.folder = folder;
    }

    Credentials credentials(Settings settings, boolean secure) throws ConfigurationException {
        boolean shared = settings.has("pskIdentity");
        boolean certificates = settings.has("certificate") || settings.has("ca");
        if (!secure) {
            if (shared || certificates) {
                throw settings.refused("scheme", "coap", "possible together with " + (shared ? "pskIdentity" : "certificates") + "; allowed is coaps");
            }
            return new Credentials.None();
        }
        if (shared == certificates) {
            throw settings.refused("scheme", "coaps", shared ? "possible with pskIdentity and certificates at once"
                    : "possible without pskIdentity and pskFile, or ca with or without certificate and privateKey");
        }
        return shared ? sharedKey(settings) : certificates(settings);
    }

    private Credentials sharedKey(Settings settings) throws ConfigurationException {
        String identity = settings.text("pskIdentity");
        if (identity.isEmpty() || identity.getBytes(StandardCharsets.UTF_8).length > 128) { // RFC 4279 §5.3
            throw settings.refused("pskIdentity", identity, "1 to 128 bytes long");
        }
        boolean inFile = settings.has("pskFile");
        String key = inFile ? "pskFile" : "pskKey";
        String text = inFile ? new String(read(settings, "pskFile"), StandardCharsets.UTF_8).lines().findFirst().orElse("").trim()
                : settings.text("pskKey");
        byte[] secret;
        try {
            secret = text.startsWith("hex:") ? HexFormat.of().parseHex(text.substring(4)) : text.getBytes(StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw settings.refused(key, "hex:…", "an even number of hexadecimal digits behind hex:");
        }
        if (secret.length == 0 || secret.length > LONGEST_KEY) {
            throw settings.refused(key, inFile ? settings.text(key) : "…", "a key of 1 to " + LONGEST_KEY + " bytes, but of " + secret.length);
        }
        return new Credentials.SharedKey(identity, secret);
    }

    private Credentials certificates(Settings settings) throws ConfigurationException {
        List<X509Certificate> trusted = chain(settings, "ca", pem(settings, "ca"));
        boolean verifyName = settings.flag("verifyName", true);
        if (!settings.has("certificate")) {
            return new Credentials.Certificates(null, List.of(), trusted, verifyName);
        }
        SslContextUtil.Credentials own = pem(settings, "certificate");
        List<X509Certificate> chain = chain(settings, "certificate", own);
        PrivateKey key = own.getPrivateKey();
        if (settings.has("privateKey")) {
            key = pem(settings, "privateKey").getPrivateKey();
        }
        if (key == null) {
            throw settings.refused(settings.has("privateKey") ? "privateKey" : "certificate",
                    settings.text(settings.has("privateKey") ? "privateKey" : "certificate"), "a PEM file with the private key in it");
        }
        return new Credentials.Certificates(key, chain, trusted, verifyName);
    }

    private static List<X509Certificate> chain(Settings settings, String key, SslContextUtil.Credentials pem) throws ConfigurationException {
        List<X509Certificate> chain = new ArrayList<>();
        Certificate[] trusted = pem.getTrustedCertificates();
        if (pem.getCertificateChain() != null) {
            chain.addAll(List.of(pem.getCertificateChain()));
        } else if (trusted != null) {
            for (Certificate certificate : trusted) {
                if (certificate instanceof X509Certificate x509) {
                    chain.add(x509);
                }
            }
        }
        if (chain.isEmpty()) {
            throw settings.refused(key, settings.text(key), "a PEM file with a certificate in it");
        }
        for (X509Certificate certificate : chain) {
            requireKnown(settings, key, certificate.getPublicKey());
        }
        return chain;
    }

    private static void requireKnown(Settings settings, String key, PublicKey publicKey) throws ConfigurationException {
        if (!publicKey.getAlgorithm().matches("EC|RSA|Ed.*|XDH")) {
            throw settings.refused(key, settings.text(key), "a certificate with a key of EC or RSA, but of " + publicKey.getAlgorithm());
        }
    }

    private SslContextUtil.Credentials pem(Settings settings, String key) throws ConfigurationException {
        try {
            return SslContextUtil.loadPemCredentials(new ByteArrayInputStream(read(settings, key)));
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw settings.refused(key, settings.text(key), "a PEM file that can be understood (" + e.getMessage() + ")");
        }
    }

    private byte[] read(Settings settings, String key) throws ConfigurationException {
        String name = settings.text(key);
        if (!name.matches("[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}")) {
            throw settings.refused(key, name, "a plain file name of letters, digits, dot, hyphen and underscore; the file lies in " + where());
        }
        if (folder == null) {
            throw settings.refused(key, name, "possible, because this gateway has no key folder (setting keyFolder of io.kelp.mapper.coap)");
        }
        Path file = folder.resolve(name);
        try {
            if (Files.size(file) > LARGEST_FILE) {
                throw settings.refused(key, name, "a file of at most " + LARGEST_FILE + " bytes");
            }
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw settings.refused(key, name, "a file in " + where());
        } catch (IOException e) {
            throw settings.refused(key, name, "a file in " + where() + " that can be read (" + e.getMessage() + ")");
        }
    }

    private String where() {
        return folder == null ? "the key folder" : folder.toString();
    }
}
