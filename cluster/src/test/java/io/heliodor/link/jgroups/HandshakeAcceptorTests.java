package io.heliodor.link.jgroups;

import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.Test;

class HandshakeAcceptorTests {
    private static final class NoGuests implements HandshakeAcceptor.Host {
        @Override
        public HelloReply answer(Hello hello) {
            throw new AssertionError("a guest came");
        }

        @Override
        public void linked(AuthenticatedConnection met, Hello hello) {}

        @Override
        public boolean stranger(InetAddress address) {
            return true;
        }

        @Override
        public void refused(InetAddress address, String why) {}
    }

    @Test
    void thePortIsFreeWhenCloseReturns() throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor()) {
            // Often enough that the thread that accepts is parked when its socket is closed.
            for (int i = 0; i < 50; i++) {
                ServerSocket listening = new ServerSocket(0, 1, loopback);
                int port = listening.getLocalPort();
                HandshakeAcceptor door =
                        new HandshakeAcceptor(listening, Tls.of(List.of()), 1_000, timer, new NoGuests());
                new Socket(loopback, port).close();
                door.close();
                assertThatCode(() -> new ServerSocket(port, 1, loopback).close())
                        .doesNotThrowAnyException();
            }
        }
    }
}
