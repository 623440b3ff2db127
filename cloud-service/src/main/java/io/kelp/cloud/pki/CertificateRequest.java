package io.kelp.cloud.pki;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.PKCSException;

/**
 * What is taken from a PKCS#10 request (channel specification 1.5): common name, organizations, DNS
 * and IP names, public key. Everything else of it is dropped.
 */
record CertificateRequest(
        String commonName, List<String> organizations, List<GeneralName> alternativeNames, SubjectPublicKeyInfo publicKey) {

    private static final int MAX_NAMES = 64;

    /**
     * Reads a DER request and checks that its sender holds the key.
     *
     * @throws PkiException with the words that follow {@code fail to signCerts, err:}
     */
    static CertificateRequest parse(byte[] der) throws PkiException {
        if (der.length == 0) {
            throw new PkiException("failed to parse csr, err: asn1: syntax error: sequence truncated");
        }
        try {
            PKCS10CertificationRequest request = new PKCS10CertificationRequest(der);
            List<String> names = values(request.getSubject(), BCStyle.CN);
            if (names.isEmpty() || names.get(0).isEmpty()) {
                throw new PkiException("must specify a CommonName");
            }
            if (!request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(request.getSubjectPublicKeyInfo()))) {
                throw new PkiException("the signature of the csr does not belong to its key");
            }
            return new CertificateRequest(names.get(0), values(request.getSubject(), BCStyle.O),
                    alternativeNames(request.getRequestedExtensions()), request.getSubjectPublicKeyInfo());
        } catch (IOException | PKCSException | OperatorCreationException | RuntimeException e) {
            // The ASN.1 parser reports malformed input by unchecked exceptions of several kinds.
            throw new PkiException("failed to parse csr, err: " + e.getMessage(), e);
        }
    }

    X500Name subject() {
        X500NameBuilder subject = new X500NameBuilder();
        organizations.forEach(o -> subject.addRDN(BCStyle.O, o));
        return subject.addRDN(BCStyle.CN, commonName).build();
    }

    /** Identifies the key: {@code sha256:} and the hex hash of the public key info. */
    String keyId() {
        try {
            return keyId(publicKey.getEncoded("DER"));
        } catch (IOException e) {
            throw new IllegalStateException("a parsed key can be encoded", e);
        }
    }

    static String keyId(byte[] subjectPublicKeyInfo) {
        return "sha256:" + HexFormat.of().formatHex(CertificateAuthority.sha256(subjectPublicKeyInfo));
    }

    private static List<String> values(X500Name name, org.bouncycastle.asn1.ASN1ObjectIdentifier type) {
        List<String> values = new ArrayList<>();
        for (RDN rdn : name.getRDNs(type)) {
            values.add(IETFUtils.valueToString(rdn.getFirst().getValue()));
        }
        return values;
    }

    private static List<GeneralName> alternativeNames(Extensions extensions) throws PkiException {
        if (extensions == null || extensions.getExtension(Extension.subjectAlternativeName) == null) {
            return List.of();
        }
        List<GeneralName> names = new ArrayList<>();
        for (GeneralName name : GeneralNames.fromExtensions(extensions, Extension.subjectAlternativeName).getNames()) {
            if (name.getTagNo() == GeneralName.dNSName || name.getTagNo() == GeneralName.iPAddress) {
                names.add(name);
            }
        }
        if (names.size() > MAX_NAMES) {
            throw new PkiException("the csr names " + names.size() + " hosts, at most " + MAX_NAMES + " are allowed");
        }
        return List.copyOf(names);
    }
}
