package io.kelp.cloud.pki;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x509.GeneralName;

/** Names and addresses in certificates, in one comparable form. */
public final class HostNames {

    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");
    private static final int DNS = 2;
    private static final int IP = 7;

    private HostNames() {}

    /** As subject alternative name: address if it is one, otherwise DNS name. */
    public static GeneralName generalName(String host) {
        return new GeneralName(isAddress(host) ? GeneralName.iPAddress : GeneralName.dNSName, host);
    }

    /** Lower-case name, or the address in the JDK's textual form. */
    public static String canonical(String host) {
        if (!isAddress(host)) {
            return host.toLowerCase(Locale.ROOT);
        }
        try {
            return InetAddress.getByName(host).getHostAddress(); // a literal: nothing is looked up
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("\"" + host + "\" is neither a host name nor an IP address", e);
        }
    }

    /** What a certificate is valid for. */
    public static Set<String> of(X509Certificate certificate) {
        Set<String> hosts = new TreeSet<>();
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            if (names != null) {
                for (List<?> name : names) {
                    int type = (Integer) name.get(0);
                    if ((type == DNS || type == IP) && !name.get(1).toString().isEmpty()) {
                        hosts.add(canonical(name.get(1).toString()));
                    }
                }
            }
        } catch (CertificateParsingException e) {
            return Set.of(); // names that cannot be read cover nothing
        }
        return hosts;
    }

    /** The same for a name in a request. */
    static String canonical(GeneralName name) {
        if (name.getTagNo() == GeneralName.iPAddress) {
            try {
                return InetAddress.getByAddress(ASN1OctetString.getInstance(name.getName()).getOctets()).getHostAddress();
            } catch (UnknownHostException e) {
                throw new IllegalArgumentException("an IP address in the request has a wrong length", e);
            }
        }
        return name.getName().toString().toLowerCase(Locale.ROOT);
    }

    private static boolean isAddress(String host) {
        return host.indexOf(':') >= 0 || IPV4.matcher(host).matches();
    }
}
