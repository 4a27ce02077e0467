package io.heliodor.link.jgroups;

import io.heliodor.link.Peer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.jgroups.Address;
import org.jgroups.util.ExtendedUUID;
import org.jspecify.annotations.Nullable;

/**
 * Peers as addresses of JGroups and back. An address carries the name and the incarnation of its node and where that is reached:
 * so a view says all that must be known of a member, and nobody has to be asked. A node that leaves and returns has another
 * address and is the same peer.
 */
final class PeerAddresses {
    // Their values are text: JGroups prints them in its logs.
    private static final byte[] NODE = {'n'};
    private static final byte[] LIFE = {'l'};
    private static final byte[] AT = {'a'};
    private static final int RADIX = 36;

    private PeerAddresses() {}

    static Address of(Peer peer, InetSocketAddress at) {
        // The zone of a link-local address means nothing on another machine.
        String where = at.getAddress().getHostAddress().replaceFirst("%.*", "") + " " + at.getPort();
        return ExtendedUUID.randomUUID(peer.node())
                .put(NODE, peer.node().getBytes(StandardCharsets.UTF_8))
                .put(LIFE, Long.toString(peer.incarnation(), RADIX).getBytes(StandardCharsets.US_ASCII))
                .put(AT, where.getBytes(StandardCharsets.US_ASCII));
    }

    /** Null for an address that no wire made. */
    static @Nullable Peer peer(@Nullable Address address) {
        byte[] node = field(address, NODE);
        byte[] incarnation = field(address, LIFE);
        if (node == null || incarnation == null) {
            return null;
        }
        try {
            long number = Long.parseLong(new String(incarnation, StandardCharsets.US_ASCII), RADIX);
            return number < 0 ? null : new Peer(new String(node, StandardCharsets.UTF_8), number);
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** Null for an address that no wire made. */
    static @Nullable InetSocketAddress reached(@Nullable Address address) {
        byte[] where = field(address, AT);
        if (where == null) {
            return null;
        }
        String text = new String(where, StandardCharsets.US_ASCII);
        int space = text.indexOf(' ');
        try {
            return new InetSocketAddress(
                    InetAddress.ofLiteral(text.substring(0, space)), Integer.parseInt(text.substring(space + 1)));
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            return null;
        }
    }

    private static byte @Nullable [] field(@Nullable Address address, byte[] key) {
        return address instanceof ExtendedUUID uuid ? uuid.get(key) : null;
    }
}
