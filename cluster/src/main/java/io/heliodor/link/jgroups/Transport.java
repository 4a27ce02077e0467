package io.heliodor.link.jgroups;

import java.io.DataInput;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jgroups.Address;
import org.jgroups.Event;
import org.jgroups.PhysicalAddress;
import org.jgroups.View;
import org.jgroups.protocols.BaseBundler;
import org.jgroups.protocols.TCP;
import org.jgroups.stack.IpAddress;
import org.jspecify.annotations.Nullable;

/** The transport of JGroups over our sockets. */
final class Transport extends TCP {
    /** The bundler sends 64 000 bytes at once, and larger messages are cut before. */
    static final int LONGEST_FRAME = 256 << 10;

    private static final int SHORTEST_FRAME = 3;

    private static final int MOST_QUEUED = 65_536;

    @Override
    public void init() throws Exception {
        super.init();
        // What does not fit is dropped, and sent again half a second later.
        if (getBundler() instanceof BaseBundler queue) {
            queue.setCapacity(MOST_QUEUED);
        }
    }

    /** Takes the whole frame first: then one that cannot be read does not spoil what follows. */
    @Override
    public void receive(Address sender, DataInput in, int length) throws Exception {
        if (length < SHORTEST_FRAME || length > LONGEST_FRAME) {
            throw new IOException("a frame of " + length + " bytes");
        }
        byte[] frame = new byte[length];
        in.readFully(frame);
        ScopedValue.where(PayloadFilter.RESTRICTED, true).run(() -> receive(sender, frame, 0, length));
    }

    /** The members of a view are reached where their addresses say: nobody has to be asked. */
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
        InetSocketAddress at = known == null ? PeerAddresses.reached(member) : null;
        if (at == null) {
            return known;
        }
        IpAddress found = new IpAddress(at.getAddress(), at.getPort());
        addPhysicalAddressToCache(member, found);
        return found;
    }
}
