package io.heliodor.benchmarks.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jgroups.Address;
import org.jgroups.BytesMessage;
import org.jgroups.Event;
import org.jgroups.JChannel;
import org.jgroups.Message;
import org.jgroups.PhysicalAddress;
import org.jgroups.Receiver;
import org.jgroups.protocols.BaseBundler;
import org.jgroups.protocols.FD_ALL3;
import org.jgroups.protocols.FRAG4;
import org.jgroups.protocols.MERGE3;
import org.jgroups.protocols.MFC;
import org.jgroups.protocols.TCP;
import org.jgroups.protocols.TCPPING;
import org.jgroups.protocols.UFC;
import org.jgroups.protocols.UNICAST3;
import org.jgroups.protocols.VERIFY_SUSPECT2;
import org.jgroups.protocols.pbcast.GMS;
import org.jgroups.protocols.pbcast.NAKACK2;
import org.jgroups.protocols.pbcast.STABLE;
import org.jgroups.stack.IpAddress;
import org.jgroups.util.TLS;
import org.jgroups.util.TLSClientAuth;
import org.jgroups.util.Tuple;
import org.jspecify.annotations.Nullable;

/**
 * A bare channel of JGroups: the protocols and settings that a node of Heliodor has beneath it, with the sockets and the
 * TLS of JGroups.
 */
final class JGroupsMember implements Member {
    private static final int MAX_UNDER_WAY_BYTES = 2_000_000;
    private static final int MAX_QUEUED = 65_536;
    private static final int MEETING_SECONDS = 40;
    private static final int HANDSHAKE_MILLIS = 20_000;

    private final JChannel channel;
    private final int port;
    private volatile List<Address> others = List.of();
    private volatile List<Address> members = List.of();

    private JGroupsMember(JChannel channel, NodeWorkload part) throws Exception {
        this.channel = channel;
        channel.setReceiver(new Receiver() {
            @Override
            public void receive(Message message) {
                try {
                    part.received(JGroupsMember.this, message.getArray(), message.getOffset(), message.getLength());
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }
        });
        channel.connect("bench");
        IpAddress at = (IpAddress) channel.down(new Event(Event.GET_PHYSICAL_ADDRESS, channel.getAddress()));
        port = at.getPort();
    }

    static JGroupsMember start(NodeWorkload part, int seed, String keyStore, @Nullable String secret) throws Exception {
        TCP transport = new Queueing();
        transport.setBindAddress(InetAddress.getLoopbackAddress());
        transport.setBindPort(freePort());
        transport.setPortRange(0);
        transport.setBundlerType("transfer-queue");
        transport.useVirtualThreads(true);
        transport.enableSuspectEvents(true);
        transport.deferClientBindAddr(true);
        transport.logDetails(false);
        // A handshake of a JVM that has just started takes long on a slow machine, and is not tried again.
        transport.setSockConnTimeout(HANDSHAKE_MILLIS);
        transport.setPeerAddrReadTimeout(HANDSHAKE_MILLIS);
        if (secret != null) {
            transport.tls(new TLS()
                    .enabled(true)
                    .setProtocols(new String[] {"TLSv1.3"})
                    .setKeystorePath(keyStore)
                    .setKeystorePassword(secret)
                    .setTruststorePath(keyStore)
                    .setTruststorePassword(secret)
                    .setClientAuth(TLSClientAuth.NEED));
        }
        TCPPING seeds = new TCPPING();
        seeds.setPortRange(0);
        seeds.setInitialHosts(
                seed == 0 ? List.of() : List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), seed)));
        GMS gms = new GMS();
        // A member that times out creates a cluster of its own, and has another position in the view after a merge.
        gms.setJoinTimeout(seed == 0 ? 500 : 10_000);
        gms.printLocalAddress(false);
        MERGE3 merging = new MERGE3();
        merging.setMaxInterval(5_000);
        merging.setMinInterval(1_000);
        FD_ALL3 heartbeats = new FD_ALL3();
        heartbeats.setTimeout(8_000);
        heartbeats.setInterval(2_000);
        UFC unicastFlow = new UFC();
        unicastFlow.setMaxCredits(MAX_UNDER_WAY_BYTES);
        MFC multicastFlow = new MFC();
        multicastFlow.setMaxCredits(MAX_UNDER_WAY_BYTES);
        return new JGroupsMember(
                new JChannel(List.of(
                        transport,
                        seeds,
                        merging,
                        heartbeats,
                        new VERIFY_SUSPECT2().setTimeout(500),
                        new NAKACK2().useMcastXmit(false),
                        new UNICAST3(),
                        new STABLE(),
                        gms,
                        unicastFlow,
                        multicastFlow,
                        new FRAG4())),
                part);
    }

    /** A free port: without a discovery of its own, JGroups needs a fixed one. */
    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** A TCP protocol with a queue for its bundler: JGroups drops messages for a full queue, and repeats them half a second later. */
    private static final class Queueing extends TCP {
        @Override
        public void init() throws Exception {
            super.init();
            if (getBundler() instanceof BaseBundler queue) {
                queue.setCapacity(MAX_QUEUED);
            }
        }
    }

    @Override
    public int port() {
        return port;
    }

    /** Nodes are started one after the other, so that they are numbered as they stand in the view. */
    @Override
    public void meet(List<Integer> ports) throws InterruptedException, TimeoutException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(MEETING_SECONDS);
        while (channel.getView().size() < ports.size()) {
            if (System.nanoTime() - deadline > 0) {
                throw new TimeoutException("the view is " + channel.getView());
            }
            TimeUnit.MILLISECONDS.sleep(10);
        }
        members = List.copyOf(channel.getView().getMembers());
        // On a slow machine it would drop messages for members whose address it does not know yet.
        for (int i = 0; i < ports.size(); i++) {
            PhysicalAddress at = new IpAddress(InetAddress.getLoopbackAddress(), ports.get(i));
            channel.down(new Event(Event.ADD_PHYSICAL_ADDRESS, new Tuple<>(members.get(i), at)));
        }
        others = members.stream()
                .filter(member -> !member.equals(channel.getAddress()))
                .toList();
    }

    @Override
    public void send(int to, byte[] message) throws Exception {
        channel.send(new BytesMessage(members.get(to), message));
    }

    @Override
    public void sendToAll(Operation how, byte[] message) throws Exception {
        if (how == Operation.MULTICAST) {
            channel.send(new BytesMessage(null, message).setFlag(Message.TransientFlag.DONT_LOOPBACK));
        } else if (how == Operation.BROADCAST) {
            for (Address other : others) {
                channel.send(new BytesMessage(other, message));
            }
        } else {
            throw new IllegalArgumentException("no way of JGroups to send to all: " + how);
        }
    }

    @Override
    public void ask(Operation how, byte[] message) {
        throw new IllegalArgumentException("no way of JGroups to ask: " + how);
    }

    @Override
    public void close() {
        channel.close();
    }
}
