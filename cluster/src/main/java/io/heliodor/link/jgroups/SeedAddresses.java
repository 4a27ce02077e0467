package io.heliodor.link.jgroups;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/** The addresses at which a node looks for other nodes. */
@FunctionalInterface
public interface SeedAddresses {
    /**
     * The present addresses. Called for each attempt; may block, to resolve names for instance.
     *
     * @return the addresses, and an unresolved one for each name that has none; may be empty, and may contain that of this node
     */
    List<InetSocketAddress> addresses();

    /**
     * The addresses of these hosts: all that each name has at the time, or had up to 10 s ago.
     *
     * @param seeds names or addresses, with ports
     * @return the addresses
     */
    static SeedAddresses of(List<InetSocketAddress> seeds) {
        List<InetSocketAddress> fixed = List.copyOf(seeds);
        NameResolver resolver = new NameResolver(InetAddress::getAllByName, System::nanoTime);
        return () -> {
            List<InetSocketAddress> found = new ArrayList<>();
            for (InetSocketAddress seed : fixed) {
                try {
                    for (InetAddress address : resolver.resolve(seed.getHostString())) {
                        found.add(new InetSocketAddress(address, seed.getPort()));
                    }
                } catch (UnknownHostException e) {
                    // It may have one at the next attempt, and is absent until then, as a seed that is down.
                    found.add(InetSocketAddress.createUnresolved(seed.getHostString(), seed.getPort()));
                }
            }
            return found;
        };
    }
}
