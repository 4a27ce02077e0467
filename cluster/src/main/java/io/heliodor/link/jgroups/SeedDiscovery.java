package io.heliodor.link.jgroups;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;
import org.jgroups.Address;
import org.jgroups.PhysicalAddress;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.protocols.TCPPING;
import org.jgroups.stack.IpAddress;
import org.jgroups.util.Responses;

/**
 * TCPPING, which looks for members at the seeds, and at the addresses of {@link JGroupsWire#connect}. TCPPING resolves names at the
 * start only, and cannot be stopped. It would do as it is if it called a supplier of hosts for each search:
 * {@code docs/design/jgroups.md}.
 */
final class SeedDiscovery extends TCPPING {
    private final SeedAddresses seeds;
    private final Set<InetSocketAddress> added = new CopyOnWriteArraySet<>();
    private volatile boolean quiet;

    SeedDiscovery(SeedAddresses seeds) {
        this.seeds = seeds;
        setId(ClassConfigurator.getProtocolId(TCPPING.class));
        initial_hosts_set_programmatically = true;
        // On a thread of its own, because resolving names blocks.
        asyncDiscovery(true);
        // A seed that is not the coordinator returns the address of the coordinator as well.
        returnEntireCache(true);
    }

    void add(InetSocketAddress address) {
        added.add(address);
    }

    /** Stops or resumes discovery. */
    void quiet(boolean on) {
        quiet = on;
    }

    @Override
    public void findMembers(List<Address> members, boolean initial, Responses responses) {
        if (quiet) {
            return;
        }
        List<PhysicalAddress> hosts = new ArrayList<>();
        seeds.addresses().stream()
                .filter(seed -> !seed.isUnresolved())
                .forEach(seed -> hosts.add(new IpAddress(seed.getAddress(), seed.getPort())));
        added.forEach(seed -> hosts.add(new IpAddress(seed.getAddress(), seed.getPort())));
        initial_hosts = hosts;
        super.findMembers(members, initial, responses);
    }
}
