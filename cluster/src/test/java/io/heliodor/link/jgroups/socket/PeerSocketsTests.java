package io.heliodor.link.jgroups.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

import io.heliodor.link.Peer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PeerSocketsTests {
    private static final Peer BEN = new Peer("b@127.0.0.1", 2);
    private static final InetSocketAddress BENS = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);

    /** A timer whose tasks run when the test lets time pass. */
    private static final class HeldTimer extends ScheduledThreadPoolExecutor {
        private final List<Runnable> held = new CopyOnWriteArrayList<>();

        private HeldTimer() {
            super(1);
        }

        @Override
        public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
            held.add(task);
            return super.schedule(() -> {}, 0, unit);
        }

        private void pass() {
            held.forEach(task -> {
                held.remove(task);
                task.run();
            });
        }
    }

    private final HeldTimer timer = new HeldTimer();
    private final List<Peer> ended = new CopyOnWriteArrayList<>();
    private final InetSocketAddress own = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private final NodeIdentity self =
            new NodeIdentity(new Peer("a@127.0.0.1", 1), own, "test", ProtocolVersions.PRESENT);
    private final Connector connector = new Connector(PeerTls.of(List.of()), self, Duration.ofSeconds(2), timer);
    private PeerSockets sockets = sockets(Duration.ofHours(1));
    private ServerSocket far;

    /** Connections that hang if nothing came by them for a time. */
    private PeerSockets sockets(Duration silence) {
        return new PeerSockets(connector, timer, 0, this::memberAt, _ -> {}, ended::add, silence);
    }

    private Optional<Peer> memberAt(InetSocketAddress address) {
        return address.equals(BENS) ? Optional.of(BEN) : Optional.empty();
    }

    @BeforeEach
    void listen() throws IOException {
        far = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    }

    @AfterEach
    void close() throws IOException {
        far.close();
        timer.shutdownNow();
    }

    private InetSocketAddress there() {
        return (InetSocketAddress) far.getLocalSocketAddress();
    }

    @Test
    void anAddressWhereAConnectionWasAbortedIsNotTakenForDown() throws Exception {
        PeerSocket socket = new PeerSocket(sockets);
        Socket raw = new Socket();
        CompletableFuture<AuthenticatedConnection> linking = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                linking.complete(sockets.connect(socket, there(), raw));
            } catch (IOException e) {
                linking.completeExceptionally(e);
            }
        });
        try (Socket _ = far.accept()) {
            socket.abort();
            raw.close();
            assertThat(linking).failsWithin(Duration.ofSeconds(30));
            assertThatCode(() -> sockets.checkUp(there())).doesNotThrowAnyException();
        }
    }

    @Test
    void anAddressWhereAConnectionFailedIsNotTriedAgainAtOnce() throws IOException {
        InetSocketAddress address = there();
        far.close();
        assertThatIOException().isThrownBy(() -> sockets.connect(new PeerSocket(sockets), address, new Socket()));
        assertThatIOException().isThrownBy(() -> sockets.checkUp(address));
    }

    /** An accepted connection of Ben, as JGroups gets it, and its other end. */
    private record Linked(PeerSocket socket, Socket other) {
        void end() throws IOException {
            other.close();
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    private Linked linked(HandoffServerSocket accepting) throws IOException {
        return linked(accepting, BEN, BENS);
    }

    private Linked linked(HandoffServerSocket accepting, Peer peer, InetSocketAddress from) throws IOException {
        Socket other = new Socket(far.getInetAddress(), far.getLocalPort());
        Socket raw = far.accept();
        sockets.accepted(new AuthenticatedConnection(raw, raw, peer, 1), from);
        return new Linked((PeerSocket) accepting.accept(), other);
    }

    @Test
    void theEndOfOneOfTwoConnectionsIsNotTheEndOfThePeer() throws IOException {
        HandoffServerSocket accepting = sockets.newServerSocket();
        Linked one = linked(accepting);
        Linked two = linked(accepting);
        one.end();
        timer.pass();
        assertThat(ended).isEmpty();
        two.end();
        timer.pass();
        await().untilAsserted(() -> assertThat(ended).containsExactly(BEN));
    }

    @Test
    void aConnectionThatOpensWhileTheOtherOneEndsKeepsThePeer() throws IOException {
        HandoffServerSocket accepting = sockets.newServerSocket();
        linked(accepting).end();
        Linked next = linked(accepting);
        timer.pass();
        next.end();
        timer.pass();
        await().untilAsserted(() -> assertThat(ended).containsExactly(BEN));
    }

    /** JGroups would refuse the new connection for the one that hangs, if the peer has the lower address. */
    @Test
    void aNewConnectionReplacesOneThatHangs() throws IOException {
        sockets = sockets(Duration.ZERO);
        HandoffServerSocket accepting = sockets.newServerSocket();
        Linked hanging = linked(accepting);
        Linked next = linked(accepting);
        assertThat(hanging.socket.isClosed()).isTrue();
        assertThat(next.socket.isClosed()).isFalse();
        timer.pass();
        assertThat(ended).as("the peer is connected").isEmpty();
    }

    @Test
    void aConnectionByWhichSomethingMayStillComeIsKept() throws IOException {
        Linked linked = linked(sockets.newServerSocket());
        assertThat(sockets.abortSilent(BEN)).isFalse();
        assertThat(linked.socket.isClosed()).isFalse();
    }

    @Test
    void aConnectionByWhichNothingComesIsAborted() throws IOException {
        sockets = sockets(Duration.ZERO);
        Linked linked = linked(sockets.newServerSocket());
        assertThat(sockets.abortSilent(BEN)).isTrue();
        assertThat(linked.socket.isClosed()).isTrue();
        assertThat(sockets.abortSilent(BEN)).as("none is left").isFalse();
    }

    /** After a merge both may live. The one that keeps the name would be excluded, and lose what it has registered. */
    @Test
    void anotherIncarnationElsewhereDoesNotCutTheConnectionsOfAMember() throws IOException {
        HandoffServerSocket accepting = sockets.newServerSocket();
        Linked member = linked(accepting);
        InetSocketAddress elsewhere = new InetSocketAddress(InetAddress.getLoopbackAddress(), 2);
        linked(accepting, new Peer(BEN.node(), BEN.incarnation() + 1), elsewhere);
        await().untilAsserted(() -> assertThat(ended).as("suspected").containsExactly(BEN));
        assertThat(member.socket.isClosed()).isFalse();
    }

    @Test
    void anotherIncarnationAtTheAddressOfAMemberProvesItsEnd() throws IOException {
        HandoffServerSocket accepting = sockets.newServerSocket();
        Linked member = linked(accepting);
        linked(accepting, new Peer(BEN.node(), BEN.incarnation() + 1), BENS);
        assertThat(member.socket.isClosed()).isTrue();
    }
}
