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

/** Looks for members at the seeds, and where this node was told to connect to. */
final class SeedDiscovery extends TCPPING {
    private final SeedAddresses discovery;
    private final Set<InetSocketAddress> more = new CopyOnWriteArraySet<>();
    private volatile boolean quiet;

    SeedDiscovery(SeedAddresses discovery) {
        this.discovery = discovery;
        setId(ClassConfigurator.getProtocolId(TCPPING.class));
        initial_hosts_set_programmatically = true;
        // On a thread of its own: names are resolved.
        asyncDiscovery(true);
        // A seed need not be the coordinator, and knows where it is.
        returnEntireCache(true);
    }

    void add(InetSocketAddress address) {
        more.add(address);
    }

    /** Whether nobody is looked for. */
    void quiet(boolean on) {
        quiet = on;
    }

    @Override
    public void findMembers(List<Address> members, boolean initial, Responses responses) {
        if (quiet) {
            return;
        }
        List<PhysicalAddress> hosts = new ArrayList<>();
        discovery.addresses().forEach(seed -> hosts.add(new IpAddress(seed.getAddress(), seed.getPort())));
        more.forEach(seed -> hosts.add(new IpAddress(seed.getAddress(), seed.getPort())));
        initial_hosts = hosts;
        super.findMembers(members, initial, responses);
    }
}
