package io.heliodor.link.jgroups;

import static io.heliodor.link.jgroups.Wires.awaitMembers;
import static io.heliodor.link.jgroups.Wires.awaitPacket;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.link.jgroups.socket.CookieKey;
import io.heliodor.link.jgroups.socket.Hello;
import io.heliodor.link.jgroups.socket.HelloReply;
import io.heliodor.link.jgroups.socket.PeerTls;
import io.heliodor.link.jgroups.socket.ProtocolVersions;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Connections of strangers to the port of a cluster. */
class HostileConnectionsTests {
    private final Wires wires = new Wires();
    private final List<Socket> sockets = new ArrayList<>();
    private Wires.Started a;
    private Wires.Started b;

    @BeforeEach
    void start() throws Exception {
        a = wires.start("a");
        b = wires.start("b", a);
        awaitMembers(a, a, b);
    }

    @AfterEach
    void close() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        wires.close();
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket();
        sockets.add(socket);
        socket.connect(a.wire().address());
        socket.setSoTimeout(10_000);
        return socket;
    }

    /** Reads until the other end closes or resets the connection. */
    private static void awaitEnd(Socket socket) {
        try (InputStream in = socket.getInputStream()) {
            in.transferTo(OutputStream.nullOutputStream());
        } catch (java.net.SocketTimeoutException e) {
            throw new AssertionError("still open", e);
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("reset");
        }
    }

    private void assertUnaffected() throws Exception {
        a.send(b.peer(), "still here");
        awaitPacket(b, "a@127.0.0.1: still here");
        assertThat(a.witness().members()).containsExactly("a@127.0.0.1", "b@127.0.0.1");
        assertThat(a.witness().packets).isEmpty();
        assertThat(a.witness().opinions).isEmpty();
    }

    @Test
    void aConnectionThatSendsGarbageIsClosed() throws Exception {
        Random random = new Random(1);
        for (int length : new int[] {1, 2, 100, 70_000}) {
            byte[] garbage = new byte[length];
            random.nextBytes(garbage);
            Socket socket = connect();
            try {
                socket.getOutputStream().write(garbage);
            } catch (IOException e) {
                assertThat(length).as("closed while it was written").isGreaterThan(100);
            }
            awaitEnd(socket);
        }
        assertUnaffected();
    }

    @Test
    void aConnectionOfABrowserIsClosed() throws Exception {
        Socket socket = connect();
        socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        awaitEnd(socket);
        assertUnaffected();
    }

    @Test
    void aSilentConnectionIsClosed() throws Exception {
        awaitEnd(connect());
        assertUnaffected();
    }

    @Test
    void tlsWithAnotherKeyIsRefused() throws Exception {
        Socket raw = connect();
        CookieKey right = Wires.COOKIE.key("test");
        CookieKey wrong = CookieKey.of("some other cookie altogether", "test");
        // It presents another key but accepts the right one, so the handshake fails at the other end only.
        PeerTls tls = PeerTls.of(List.of(wrong, right));
        try {
            Socket socket = tls.secure(raw, true);
            hello(Hello.Purpose.LINK, "test").write(socket.getOutputStream());
            assertThat(socket.getInputStream().read()).as("an answer").isEqualTo(-1);
        } catch (IOException e) {
            assertThat(e).isNotInstanceOf(java.net.SocketTimeoutException.class);
        }
        assertUnaffected();
    }

    @Test
    void aPeerWithTheCookieOfAnotherClusterIsRefused() throws Exception {
        Socket socket = PeerTls.of(List.of(Wires.COOKIE.key("test"))).secure(connect(), true);
        hello(Hello.Purpose.LINK, "another").write(socket.getOutputStream());
        assertThat(HelloReply.read(socket.getInputStream()).verdict()).isEqualTo(HelloReply.Verdict.OTHER_CLUSTER);
        awaitEnd(socket);
        assertUnaffected();
    }

    @Test
    void manySilentConnectionsDoNotKeepANodeOut() throws Exception {
        for (int i = 0; i < 300; i++) {
            connect();
        }
        var c = wires.start("c", a);
        awaitMembers(a, a, b, c);
        awaitMembers(c, a, b, c);
        a.send(c.peer(), "in");
        awaitPacket(c, "a@127.0.0.1: in");
        assertThat(b.witness().opinions).isEmpty();
    }

    private static Hello hello(Hello.Purpose purpose, String cluster) {
        return new Hello(
                purpose,
                ProtocolVersions.PRESENT,
                cluster,
                new io.heliodor.link.Peer("x@127.0.0.1", 1),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 1),
                Optional.empty());
    }
}
