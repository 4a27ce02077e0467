package io.heliodor.link.jgroups;

import io.heliodor.link.Peer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.jgroups.Address;
import org.jgroups.util.ExtendedUUID;
import org.jspecify.annotations.Nullable;

/**
 * Converts between peers and addresses of JGroups. An address contains the name and incarnation of its node and the
 * network address at which it is reached, so a view contains all that is needed of its members. A node that leaves and
 * returns has another address, but is the same peer.
 */
final class PeerAddresses {
    // Keys of fields whose values are text, because JGroups prints them in its logs.
    private static final byte[] NODE = {'n'};
    private static final byte[] INCARNATION = {'l'};
    private static final byte[] REACHED_AT = {'a'};
    private static final int RADIX = 36;

    private PeerAddresses() {}

    static Address of(Peer peer, InetSocketAddress at) {
        // The zone of a link-local address is only valid on its machine.
        String where = at.getAddress().getHostAddress().replaceFirst("%.*", "") + " " + at.getPort();
        return ExtendedUUID.randomUUID(peer.node())
                .put(NODE, peer.node().getBytes(StandardCharsets.UTF_8))
                .put(INCARNATION, Long.toString(peer.incarnation(), RADIX).getBytes(StandardCharsets.US_ASCII))
                .put(REACHED_AT, where.getBytes(StandardCharsets.US_ASCII));
    }

    /** The peer of an address; null for an address that no wire made. */
    static @Nullable Peer peer(@Nullable Address address) {
        byte[] node = field(address, NODE);
        byte[] incarnation = field(address, INCARNATION);
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

    /** The socket address of a member; null for an address that no wire made. */
    static @Nullable InetSocketAddress reachedAt(@Nullable Address address) {
        byte[] where = field(address, REACHED_AT);
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
