package io.heliodor.link.jgroups.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
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
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.Test;

class HandshakeAcceptorTests {
    private static final class NoHellos implements HandshakeAcceptor.Policy {
        @Override
        public HelloReply reply(Hello hello) {
            throw new AssertionError("unexpected hello");
        }

        @Override
        public boolean isStranger(InetAddress address) {
            return true;
        }
    }

    private final InetAddress loopback = InetAddress.getLoopbackAddress();
    private final PeerTls plain = PeerTls.of(List.of());

    private HandshakeAcceptor acceptor(ServerSocket listening, ScheduledExecutorService timer) {
        NodeIdentity self = new NodeIdentity(
                new Peer("a@h", 1), new InetSocketAddress(loopback, 1), "test", ProtocolVersions.PRESENT);
        Connector connector = new Connector(plain, self, Duration.ofSeconds(1), timer);
        PeerSockets sockets =
                new PeerSockets(connector, timer, 0, _ -> Optional.empty(), _ -> {}, _ -> {}, Duration.ofSeconds(3));
        DataConnections data =
                new DataConnections(connector, _ -> Optional.empty(), _ -> {}, (from, bytes, offset, length) -> {});
        return new HandshakeAcceptor(listening, plain, Duration.ofSeconds(1), timer, sockets, data, new NoHellos());
    }

    @Test
    void thePortIsFreeWhenCloseReturns() throws IOException {
        try (ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor()) {
            // Enough rounds that the accepting thread is parked when its socket is closed.
            for (int i = 0; i < 50; i++) {
                ServerSocket listening = new ServerSocket(0, 1, loopback);
                int port = listening.getLocalPort();
                HandshakeAcceptor acceptor = acceptor(listening, timer);
                new Socket(loopback, port).close();
                acceptor.close();
                assertThatCode(() -> new ServerSocket(port, 1, loopback).close())
                        .doesNotThrowAnyException();
            }
        }
    }

    @Test
    void connectionsOfAFloodAreCountedWhenTheyAreDropped() throws IOException {
        try (ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
                ServerSocket listening = new ServerSocket(0, 1_000, loopback);
                HandshakeAcceptor acceptor = acceptor(listening, timer)) {
            new Socket(loopback, listening.getLocalPort()).close();
            assertThat(acceptor.dropped()).isZero();
            for (int i = 0; i < 500; i++) {
                new Socket(loopback, listening.getLocalPort()).close();
            }
            await().until(() -> acceptor.dropped() > 0);
        }
    }
}
