package io.heliodor.interop.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Clients without the cookie send to the port of the cluster. */
@Tag("long")
@WithNodes
@ResourceLock(WithNodes.LOCK)
@Order(WithNodes.EXCLUSIVE)
class HostilePeerIT {
    private static final int TIMES = 20;
    private static final long MAX_MORE_BYTES = 64L << 20;
    private static final int HALF_OPEN = 1_000;

    private static NodeShells shells;
    private static List<NodeShell> nodes;

    private Map<NodeShell, Integer> marks;
    private List<Long> memory;

    @BeforeAll
    static void start() {
        shells = new NodeShells();
        nodes = shells.startTogether("a", "b", "c");
        Clusters.awaitAlive(nodes, Clusters.FORMED);
        nodes.get(0).ok("register name");
    }

    @AfterAll
    static void end() {
        shells.close();
    }

    @BeforeEach
    void before() {
        marks = Clusters.marks(nodes);
        memory = nodes.stream().map(HostilePeerIT::resident).toList();
    }

    @AfterEach
    void theClusterIsUnaffected() {
        Clusters.noMemberDied(nodes, marks);
        for (int i = 0; i < nodes.size(); i++) {
            NodeShell node = nodes.get(i);
            assertThat(Clusters.alive(node)).isEqualTo(Clusters.names(nodes));
            assertThat(node.ok("call name hi").text("reply"))
                    .isEqualTo(nodes.get(0).name() + ":hi");
            assertThat(resident(node) - memory.get(i)).as("bytes more").isLessThan(MAX_MORE_BYTES);
        }
        Clusters.allKeptToTheContract(nodes);
    }

    static Stream<Arguments> inputs() throws IOException {
        byte[] random = new byte[8_192];
        new Random(1).nextBytes(random);
        byte[] http = "GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        return Stream.of(
                Arguments.of("random bytes", random),
                Arguments.of("HTTP", http),
                Arguments.of("a length of 1 GiB", lengthAnd(1 << 30, random)),
                Arguments.of("a length of 4 GiB", lengthAnd(-1, random)),
                Arguments.of("a TLS record that is too long", new byte[] {22, 3, 3, (byte) 0xff, (byte) 0xff, 1}),
                Arguments.of("a serialized object", serialized()),
                Arguments.of("an object message of JGroups", objectMessage(serialized())));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("inputs")
    void bytesAreRefused(String what, byte[] bytes) throws Exception {
        for (int i = 0; i < TIMES; i++) {
            for (NodeShell node : nodes) {
                try (Socket socket = connect(node)) {
                    socket.getOutputStream().write(bytes);
                    socket.getOutputStream().flush();
                    assertThat(closedWithoutData(socket)).as(what).isTrue();
                }
            }
        }
        nodes.forEach(node -> Clusters.pings(node, nodes, Duration.ofMillis(500)));
    }

    @Test
    void tlsWithoutTheKeyIsRefusedAndLoggedAtALimitedRate() throws Exception {
        List<Long> logged =
                nodes.stream().map(node -> node.log().lines().count()).toList();
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(null, new TrustManager[] {new TrustsAll()}, new SecureRandom());
        for (int i = 0; i < TIMES; i++) {
            for (NodeShell node : nodes) {
                try (SSLSocket socket = (SSLSocket)
                        context.getSocketFactory().createSocket(connect(node), "127.0.0.1", node.port(), true)) {
                    assertThat(tlsIsRefused(socket)).isTrue();
                }
            }
        }
        for (int i = 0; i < nodes.size(); i++) {
            assertThat(nodes.get(i).log().lines().skip(logged.get(i)))
                    .as("logged")
                    .hasSizeLessThanOrEqualTo(3);
        }
    }

    @Test
    void aNewNodeJoinsAmongAThousandHalfOpenConnections() throws Exception {
        List<Socket> open = new ArrayList<>();
        try {
            for (int i = 0; i < HALF_OPEN; i++) {
                open.add(connect(nodes.get(i % nodes.size())));
            }
            NodeShell fourth = shells.begin(NodeSpec.local("d")
                    .seeds(nodes.stream().map(NodeShell::address).toArray(String[]::new)));
            fourth.awaitStarted(NodeShells.START);
            List<NodeShell> four = new ArrayList<>(nodes);
            four.add(fourth);
            Clusters.awaitAlive(four, Clusters.FORMED);
            int mark = nodes.get(0).mark();
            fourth.ok("quit");
            nodes.get(0).await(mark, Happening.of("left").with("node", fourth.name()), Clusters.SILENT);
        } finally {
            for (Socket socket : open) {
                socket.close();
            }
        }
    }

    private static Socket connect(NodeShell node) throws IOException {
        Socket socket = new Socket();
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), node.port()), 5_000);
        socket.setSoTimeout(10_000);
        return socket;
    }

    /** The only permitted input is an alert of TLS, which is not a byte of the cluster. */
    private static boolean closedWithoutData(Socket socket) throws IOException {
        try {
            byte[] answer = socket.getInputStream().readNBytes(1_000);
            return answer.length == 0 || answer[0] == 21;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (SocketException e) {
            return true;
        }
    }

    /** In TLS 1.3 a client detects a refusal only when it reads. */
    private static boolean tlsIsRefused(SSLSocket socket) {
        try {
            socket.startHandshake();
            socket.getOutputStream().write("hello".getBytes(StandardCharsets.US_ASCII));
            return socket.getInputStream().read() < 0;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    private static byte[] lengthAnd(int length, byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (DataOutputStream data = new DataOutputStream(out)) {
            data.writeInt(length);
            data.write(bytes);
        }
        return out.toByteArray();
    }

    /** Sets within sets: their reader computes hashes for years. */
    private static byte[] serialized() throws IOException {
        Set<Object> root = new HashSet<>();
        Set<Object> left = root;
        Set<Object> right = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            Set<Object> nextLeft = new HashSet<>();
            Set<Object> nextRight = new HashSet<>();
            nextLeft.add("a level of its own");
            left.add(nextLeft);
            left.add(nextRight);
            right.add(nextLeft);
            right.add(nextRight);
            left = nextLeft;
            right = nextRight;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ObjectOutputStream objects = new ObjectOutputStream(out)) {
            objects.writeObject(root);
        }
        return out.toByteArray();
    }

    /** As its TCP transport would take it, were it plain: a cookie, a version, addresses, then a message with an object. */
    private static byte[] objectMessage(byte[] object) throws IOException {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        try (DataOutputStream data = new DataOutputStream(message)) {
            data.writeShort(0x5507); // version
            data.writeByte(0); // flags: one message
            data.writeShort(4); // type: object message
            data.writeByte(0); // leading: neither destination nor source
            data.writeShort(0); // flags
            data.writeShort(0); // headers
            data.writeByte(1); // there is an object
            data.writeByte(13); // which is serialized
            data.writeInt(object.length);
            data.write(object);
        }
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        try (DataOutputStream data = new DataOutputStream(whole)) {
            data.write("beth".getBytes(StandardCharsets.US_ASCII));
            data.write(lengthAnd(message.size(), message.toByteArray()));
        }
        return whole.toByteArray();
    }

    /** Bytes of memory that a process has. */
    private static long resident(NodeShell node) {
        try (Stream<String> lines = Files.lines(Path.of("/proc", Long.toString(node.pid()), "status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                            .sum()
                    * 1_024;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class TrustsAll implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
