package io.heliodor.link.jgroups;

import java.util.List;
import org.jgroups.protocols.FRAG4;
import org.jgroups.protocols.UNICAST3;
import org.jgroups.protocols.VERIFY_SUSPECT2;
import org.jgroups.protocols.pbcast.NAKACK2;
import org.jgroups.protocols.pbcast.STABLE;
import org.jgroups.stack.Protocol;

/**
 * The protocols of JGroups that a wire is made of, with the settings that were measured.
 *
 * @param transport at the bottom
 * @param detour sends packets past broken links
 * @param seeds finds members
 * @param merging joins parts
 * @param views decides who is a member
 * @param protocols all of them, from the bottom up
 */
record ProtocolStack(
        Transport transport,
        Detour detour,
        SeedDiscovery seeds,
        MergeDetector merging,
        GroupMembership views,
        List<Protocol> protocols) {
    private static final long SYNC_MILLIS = 200;

    static ProtocolStack of(
            WireSettings settings, ListeningSocket place, PeerSockets sockets, EventDispatcher reports) {
        Timing timing = settings.timing();
        Transport transport = new Transport();
        transport.setSocketFactory(sockets);
        transport.setBindAddress(place.listening().getInetAddress());
        transport.setBindPort(place.listening().getLocalPort());
        transport.setPortRange(0);
        transport.setExternalAddr(place.advertised().getAddress());
        transport.setExternalPort(place.advertised().getPort());
        transport.setBundlerType("transfer-queue"); // the default one stalls for seconds
        transport.useVirtualThreads(true);
        transport.setMaxLength(Transport.LONGEST_FRAME);
        transport.deferClientBindAddr(true);
        transport.logDetails(false);

        SeedDiscovery seeds = new SeedDiscovery(settings.seeds());
        seeds.setPortRange(0);
        Detour detour = new Detour(timing.heartbeat().toMillis(), sockets::cut, sockets::hasRoom);
        MergeDetector merging = new MergeDetector(detour, timing.silence());
        merging.setMaxInterval(timing.merge().toMillis());
        merging.setMinInterval(Math.max(1, timing.merge().toMillis() / 5));
        VERIFY_SUSPECT2 verify =
                new VERIFY_SUSPECT2().setTimeout(timing.verify().toMillis());
        FailureDetector detector = new FailureDetector(reports, detour, sockets::cut, verify);
        detector.setTimeout(timing.silence().toMillis());
        detector.setInterval(timing.heartbeat().toMillis());
        GroupMembership views = new GroupMembership(
                merging, timing.silence().plus(timing.verify()).plus(timing.heartbeat()));
        views.setJoinTimeout(timing.join().toMillis());
        views.printLocalAddress(false);
        views.setMembershipChangePolicy(new SeniorityPolicy());
        List<Protocol> protocols = List.of(
                transport,
                detour,
                seeds,
                merging,
                detector,
                verify,
                new NAKACK2().useMcastXmit(false).logDiscardMessages(false),
                // 2 s by default, in which a peer that came back is not heard
                new UNICAST3().setSyncMinInterval(SYNC_MILLIS),
                new STABLE(),
                views,
                // no flow control: sessions limit what is in flight
                new FRAG4());
        return new ProtocolStack(transport, detour, seeds, merging, views, protocols);
    }
}
