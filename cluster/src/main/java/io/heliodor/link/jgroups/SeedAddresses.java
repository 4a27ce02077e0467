package io.heliodor.link.jgroups;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/** Says where other nodes may be. */
@FunctionalInterface
public interface SeedAddresses {
    /**
     * Where to look now. Asked again at each attempt; may block, for a name to be resolved for instance.
     *
     * @return resolved addresses; may be empty, may contain this node's own
     */
    List<InetSocketAddress> addresses();

    /**
     * Looks at these hosts: at all addresses that each name has at the time.
     *
     * @param seeds names or addresses, and ports
     * @return the discovery
     */
    static SeedAddresses of(List<InetSocketAddress> seeds) {
        List<InetSocketAddress> fixed = List.copyOf(seeds);
        return () -> {
            List<InetSocketAddress> found = new ArrayList<>();
            for (InetSocketAddress seed : fixed) {
                try {
                    for (InetAddress address : InetAddress.getAllByName(seed.getHostString())) {
                        found.add(new InetSocketAddress(address, seed.getPort()));
                    }
                } catch (UnknownHostException e) {
                    // A name that nobody has yet may have an address at the next attempt.
                    PeerSockets.log.debug("The name of seed {} has no address.", seed);
                }
            }
            return found;
        };
    }
}
