package io.heliodor.link.jgroups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.heliodor.link.Peer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
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

    /** Runs nothing by itself. */
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
    private final WireSettings settings = Wires.settings("a", 0, List.of(Wires.COOKIE), List.of());
    private final Tls plain = Tls.of(List.of());
    private final Connector caller = new Connector(plain, settings, settings.bind(), timer);
    private final PeerSockets sockets = new PeerSockets(caller, timer, 0, _ -> Optional.empty(), _ -> {}, ended::add);
    private ServerSocket far;

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
    void anAddressAtWhichALineGaveWayIsNotTakenForDown() throws Exception {
        PeerSocket line = new PeerSocket(sockets);
        Socket raw = new Socket();
        CompletableFuture<AuthenticatedConnection> linking = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                linking.complete(sockets.link(line, there(), raw));
            } catch (IOException e) {
                linking.completeExceptionally(e);
            }
        });
        try (Socket _ = far.accept()) {
            line.abort();
            raw.close();
            assertThat(linking).failsWithin(Wires.PATIENCE);
            assertThatCode(() -> sockets.checkUp(there())).doesNotThrowAnyException();
        }
    }

    @Test
    void anAddressAtWhichALineFailedIsNotTriedAgainAtOnce() throws IOException {
        InetSocketAddress address = there();
        far.close();
        assertThatIOException().isThrownBy(() -> sockets.link(new PeerSocket(sockets), address, new Socket()));
        assertThatIOException().isThrownBy(() -> sockets.checkUp(address));
    }

    /** A connection of Ben that was let in, as JGroups gets it; and its other end. */
    private record Linked(PeerSocket line, Socket other) {
        void end() throws IOException {
            other.close();
            assertThat(line.getInputStream().read()).isEqualTo(-1);
        }
    }

    private Linked linked(HandoffServerSocket accepting) throws IOException {
        Socket other = new Socket(far.getInetAddress(), far.getLocalPort());
        Socket raw = far.accept();
        Hello hello = new Hello(
                Hello.Purpose.LINK,
                settings.versions(),
                settings.realm(),
                BEN,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 1),
                Optional.empty());
        sockets.linked(new AuthenticatedConnection(raw, raw, BEN, 1), hello);
        return new Linked((PeerSocket) accepting.accept(), other);
    }

    @Test
    void theEndOfOneConnectionOfTwoIsNotThatOfThePeer() throws IOException {
        HandoffServerSocket accepting = (HandoffServerSocket) sockets.createServerSocket("");
        Linked one = linked(accepting);
        Linked two = linked(accepting);
        one.end();
        timer.pass();
        assertThat(ended).isEmpty();
        two.end();
        timer.pass();
        Wires.await(ended::toString, () -> ended.equals(List.of(BEN)));
    }

    @Test
    void aConnectionThatComesWhileTheOtherOneEndsIsEnough() throws IOException {
        HandoffServerSocket accepting = (HandoffServerSocket) sockets.createServerSocket("");
        linked(accepting).end();
        Linked next = linked(accepting);
        timer.pass();
        next.end();
        timer.pass();
        Wires.await(ended::toString, () -> !ended.isEmpty());
        assertThat(ended).containsExactly(BEN);
    }
}
