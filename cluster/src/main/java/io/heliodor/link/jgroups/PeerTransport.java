package io.heliodor.link.jgroups;

import java.io.DataInput;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jgroups.Address;
import org.jgroups.Event;
import org.jgroups.PhysicalAddress;
import org.jgroups.View;
import org.jgroups.protocols.TCP;
import org.jgroups.stack.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * JGroups' TCP, over the sockets of {@link io.heliodor.link.jgroups.socket.PeerSocketFactory}. TCP decodes from the stream of a
 * connection, so a malformed frame breaks it, and it requests network addresses that the view contains. It would do as it
 * is if it bounded its decoder by the frame, and called a function for addresses: {@code docs/design/jgroups.md}.
 */
final class PeerTransport extends TCP {
    /** Above all that is sent: the bundler sends 64 000 bytes at once, and FRAG4 splits larger messages. */
    static final int MAX_FRAME = 256 << 10;

    private static final int MIN_FRAME = 3;

    /** Reads the whole frame before it is decoded, so that the stream is intact after a frame that is malformed. */
    @Override
    public void receive(Address sender, DataInput in, int length) throws Exception {
        if (length < MIN_FRAME || length > MAX_FRAME) {
            throw new IOException("a frame of " + length + " bytes");
        }
        byte[] frame = new byte[length];
        in.readFully(frame);
        ScopedValue.where(PayloadFilter.RESTRICTED, true).run(() -> receive(sender, frame, 0, length));
    }

    /** Adds the network addresses of the members of a view, so that no request for them is sent. */
    @Override
    public Object down(Event event) {
        if (event.getType() == Event.VIEW_CHANGE || event.getType() == Event.TMP_VIEW) {
            View view = event.arg();
            view.forEach(this::getPhysicalAddressFromCache);
        }
        return super.down(event);
    }

    @Override
    public @Nullable PhysicalAddress getPhysicalAddressFromCache(Address member) {
        PhysicalAddress known = super.getPhysicalAddressFromCache(member);
        InetSocketAddress at = known == null ? PeerAddresses.reachedAt(member) : null;
        if (at == null) {
            return known;
        }
        IpAddress found = new IpAddress(at.getAddress(), at.getPort());
        addPhysicalAddressToCache(member, found);
        return found;
    }
}
