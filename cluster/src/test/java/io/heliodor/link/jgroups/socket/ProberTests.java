package io.heliodor.link.jgroups.socket;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.link.Peer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an attempt to reach a node shows of it. */
@Timeout(30)
class ProberTests {
    private static final Peer PEER = new Peer("b@h", 2);

    private final InetAddress loopback = InetAddress.getLoopbackAddress();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final NodeIdentity self =
            new NodeIdentity(new Peer("a@h", 1), new InetSocketAddress(loopback, 1), "test", ProtocolVersions.PRESENT);

    @AfterEach
    void close() {
        timer.close();
    }

    private Prober prober(Duration patience) {
        return new Prober(new Connector(PeerTls.of(List.of()), self, Duration.ofSeconds(2), timer), patience);
    }

    /** Resets all connections until it is closed. */
    private ServerSocket resetting() throws IOException {
        ServerSocket listening = new ServerSocket(0, 100, loopback);
        Thread.ofVirtual().start(() -> {
            while (!listening.isClosed()) {
                try (Socket accepted = listening.accept()) {
                    accepted.setOption(StandardSocketOptions.SO_LINGER, 0);
                } catch (IOException e) {
                    // The test is over.
                }
            }
        });
        return listening;
    }

    private static InetSocketAddress at(ServerSocket listening) {
        return new InetSocketAddress(listening.getInetAddress(), listening.getLocalPort());
    }

    @Test
    void aPortWithoutAListenerRefuses() throws IOException {
        Prober prober = prober(Duration.ofSeconds(1));
        ServerSocket listening = new ServerSocket(0, 10, loopback);
        assertThat(prober.port(at(listening))).isEqualTo(Prober.Port.TAKEN);
        listening.close();
        assertThat(prober.port(at(listening))).isEqualTo(Prober.Port.REFUSED);
    }

    @Test
    void anUnreachableNetworkDoesNotRefuse() {
        assertThat(prober(Duration.ofSeconds(1)).port(new InetSocketAddress("224.0.0.1", 9)))
                .isEqualTo(Prober.Port.SILENT);
    }

    /** The kernel refuses a connection to a multicast address like one to a network without a route. */
    @Test
    void anUnreachableNetworkIsNoPeerThatClosesConnections() throws Exception {
        InetSocketAddress unreachable = new InetSocketAddress(InetAddress.ofLiteral("224.0.0.1"), 7100);
        assertThat(prober(Duration.ofHours(1)).probe(List.of(unreachable)))
                .singleElement()
                .isInstanceOf(Prober.Result.Unreached.class);
    }

    @Test
    void aPortThatRefusesIsASignOfTheEndAndOneThatClosesIsNone() throws Exception {
        Prober prober = prober(Duration.ZERO);
        try (ServerSocket listening = resetting()) {
            assertThat(prober.sign(PEER, at(listening))).isEqualTo(Prober.Sign.NONE);
        }
        ServerSocket closed = new ServerSocket(0, 1, loopback);
        closed.close();
        assertThat(prober.sign(PEER, at(closed))).isEqualTo(Prober.Sign.GONE);
    }

    @Test
    void aPortThatDoesNotAnswerInTimeIsNoSign() throws Exception {
        Connector impatient = new Connector(PeerTls.of(List.of()), self, Duration.ofMillis(100), timer);
        try (ServerSocket silent = new ServerSocket(0, 1, loopback)) {
            assertThat(new Prober(impatient).sign(PEER, at(silent))).isEqualTo(Prober.Sign.NONE);
        }
        assertThat(new Prober(impatient).sign(PEER, new InetSocketAddress("224.0.0.1", 9)))
                .as("without a route")
                .isEqualTo(Prober.Sign.NONE);
    }

    @Test
    void aPortThatResetsIsTriedUntilThePatienceEnds() throws Exception {
        try (ServerSocket listening = resetting()) {
            assertThat(prober(Duration.ofMillis(300)).probe(List.of(at(listening))))
                    .singleElement()
                    .isInstanceOf(Prober.Result.Closed.class);
        }
    }

    /** Otherwise a flooded member is declared dead by another node of its name. */
    @Test
    void aPeerWhosePortResetsMayBeAlive() throws Exception {
        try (ServerSocket listening = resetting()) {
            assertThat(prober(Duration.ZERO).mayBeAlive(PEER, at(listening))).isTrue();
        }
    }

    @Test
    void aPeerWhosePortIsClosedIsDead() throws Exception {
        InetSocketAddress free;
        try (ServerSocket listening = new ServerSocket(0, 1, loopback)) {
            free = at(listening);
        }
        assertThat(prober(Duration.ofHours(1)).mayBeAlive(PEER, free)).isFalse();
    }
}
