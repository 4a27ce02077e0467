package io.heliodor.link.jgroups;

import io.heliodor.link.Peer;
import io.heliodor.link.jgroups.socket.DataConnections;
import io.heliodor.link.jgroups.socket.ListeningSocket;
import io.heliodor.link.jgroups.socket.PeerSocketFactory;
import io.heliodor.link.jgroups.socket.PeerSockets;
import java.util.List;
import java.util.function.Consumer;
import org.jgroups.protocols.FRAG4;
import org.jgroups.protocols.TransferQueueBundler;
import org.jgroups.protocols.VERIFY_SUSPECT2;
import org.jgroups.protocols.pbcast.NAKACK2;
import org.jgroups.protocols.pbcast.STABLE;
import org.jgroups.stack.Protocol;

/**
 * The stack of JGroups protocols of a wire. The settings are those that were measured; {@code docs/design/jgroups.md} has the reason of
 * each class that is in the place of one of JGroups.
 *
 * @param transport the bottom of the stack
 * @param detour sends packets around broken links
 * @param seeds discovers members
 * @param merging finds parts of the cluster with other views
 * @param detector suspects and excludes silent members
 * @param membership agrees on views
 * @param protocols all protocols, from the bottom up
 */
record ProtocolStack(
        PeerTransport transport,
        Detour detour,
        SeedDiscovery seeds,
        MergeDetector merging,
        FailureDetector detector,
        GroupMembership membership,
        List<Protocol> protocols) {
    private static final long SYNC_MILLIS = 200;
    private static final int MAX_QUEUED = 65_536;

    /** Creates the protocols. {@code silent} is called in each interval with members from which nothing comes; it must not block. */
    static ProtocolStack of(
            WireSettings settings,
            ListeningSocket listening,
            PeerSockets sockets,
            DataConnections data,
            EventDispatcher events,
            Consumer<Peer> silent) {
        Timing timing = settings.timing();
        PeerTransport transport = new PeerTransport();
        transport.setSocketFactory(new PeerSocketFactory(sockets));
        transport.setBindAddress(listening.socket().getInetAddress());
        transport.setBindPort(listening.socket().getLocalPort());
        transport.setPortRange(0);
        transport.setExternalAddr(listening.advertised().getAddress());
        transport.setExternalPort(listening.advertised().getPort());
        // The default one stalls for seconds. Messages that do not fit are dropped, and sent again half a second later.
        transport.setBundler(new TransferQueueBundler().setCapacity(MAX_QUEUED));
        transport.useVirtualThreads(true);
        transport.setMaxLength(PeerTransport.MAX_FRAME);
        transport.deferClientBindAddr(true);
        transport.logDetails(false);

        SeedDiscovery seeds = new SeedDiscovery(settings.seeds());
        seeds.setPortRange(0);
        Detour detour = new Detour(timing.heartbeat().toMillis(), sockets::hasRoom, data::end);
        MergeDetector merging = new MergeDetector(detour, timing.exclusionTimeout());
        merging.setMaxInterval(timing.merge().toMillis());
        merging.setMinInterval(Math.max(1, timing.merge().toMillis() / 5));
        VERIFY_SUSPECT2 verify =
                new VERIFY_SUSPECT2().setTimeout(timing.verify().toMillis());
        FailureDetector detector =
                new FailureDetector(events, detour, silent, peer -> hasReadWithin(peer, timing, sockets, data), verify);
        detector.setTimeout(timing.exclusionTimeout().toMillis());
        detector.setInterval(timing.heartbeat().toMillis());
        GroupMembership membership = new GroupMembership(merging, timing.maxExclusionTime());
        membership.setJoinTimeout(timing.join().toMillis());
        membership.printLocalAddress(false);
        membership.setMembershipChangePolicy(new SeniorityPolicy());
        List<Protocol> protocols = List.of(
                transport,
                detour,
                seeds,
                merging,
                detector,
                verify,
                new NAKACK2().useMcastXmit(false).logDiscardMessages(false),
                // 2 s by default, in which messages of a peer that came back are dropped
                new PacedUnicast(sockets::isIdle).setSyncMinInterval(SYNC_MILLIS),
                new STABLE(),
                membership,
                // no flow control: sessions limit the bytes in flight
                new FRAG4());
        return new ProtocolStack(transport, detour, seeds, merging, detector, membership, protocols);
    }

    /**
     * Whether bytes of a peer came within a heartbeat interval. Those of envelopes count for a time only: heartbeats may wait behind
     * them on a thin link, but a connection of JGroups that hangs must be noticed and replaced.
     */
    private static boolean hasReadWithin(Peer peer, Timing timing, PeerSockets sockets, DataConnections data) {
        long interval = timing.heartbeat().toNanos();
        return sockets.hasReadWithin(peer, interval)
                || (data.hasReadWithin(peer, interval)
                        && sockets.hasReadWithin(peer, timing.exclusionTimeout().toNanos() * 2 / 3));
    }
}
