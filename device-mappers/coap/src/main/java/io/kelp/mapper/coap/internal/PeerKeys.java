package io.kelp.mapper.coap.internal;

import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import javax.crypto.SecretKey;
import org.eclipse.californium.scandium.dtls.ConnectionId;
import org.eclipse.californium.scandium.dtls.HandshakeResultHandler;
import org.eclipse.californium.scandium.dtls.PskPublicInformation;
import org.eclipse.californium.scandium.dtls.PskSecretResult;
import org.eclipse.californium.scandium.dtls.pskstore.AdvancedPskStore;
import org.eclipse.californium.scandium.util.SecretUtil;
import org.eclipse.californium.scandium.util.ServerNames;

/**
 * Shared keys of many peers on one local end. A handshake asks for the identity by address and for the key by identity, so both must
 * be unambiguous.
 */
final class PeerKeys implements AdvancedPskStore {

    private record Entry(Credentials.SharedKey key, int users) {}

    private final Map<InetSocketAddress, Entry> peers = new HashMap<>();

    /** @return whether the key could be added; not if it contradicts another one */
    synchronized boolean add(InetSocketAddress peer, Credentials.SharedKey key) {
        Entry known = peers.get(peer);
        if (known != null && !known.key().equals(key)) {
            return false;
        }
        for (Entry other : peers.values()) {
            if (other.key().identity().equals(key.identity()) && !Arrays.equals(other.key().key(), key.key())) {
                return false;
            }
        }
        peers.put(peer, new Entry(key, known == null ? 1 : known.users() + 1));
        return true;
    }

    /** Undoes one {@link #add}. */
    synchronized void remove(InetSocketAddress peer) {
        peers.computeIfPresent(peer, (address, entry) -> entry.users() > 1 ? new Entry(entry.key(), entry.users() - 1) : null);
    }

    @Override
    public boolean hasEcdhePskSupported() {
        return true;
    }

    @Override
    public synchronized PskSecretResult requestPskSecretResult(ConnectionId cid, ServerNames serverName, PskPublicInformation identity,
            String hmacAlgorithm, SecretKey otherSecret, byte[] seed, boolean useExtendedMasterSecret) {
        SecretKey secret = peers.values().stream().map(Entry::key)
                .filter(key -> key.identity().equals(identity.getPublicInfoAsString()))
                .findFirst().map(key -> SecretUtil.create(key.key(), PskSecretResult.ALGORITHM_PSK)).orElse(null);
        return new PskSecretResult(cid, identity, secret);
    }

    @Override
    public synchronized PskPublicInformation getIdentity(InetSocketAddress peerAddress, ServerNames virtualHost) {
        Entry entry = peers.get(peerAddress);
        return entry == null ? null : new PskPublicInformation(entry.key().identity());
    }

    @Override
    public void setResultHandler(HandshakeResultHandler resultHandler) {
        // results are given at once
    }
}
