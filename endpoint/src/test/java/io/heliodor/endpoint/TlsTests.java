package io.heliodor.endpoint;

import static io.heliodor.transport.frame.ClientFrames.bytes;
import static io.heliodor.transport.frame.ClientFrames.ping;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Empty;
import io.heliodor.fixtures.RecordedLog;
import io.heliodor.limit.Limits;
import io.heliodor.transport.frame.ClientDeflate;
import io.heliodor.transport.frame.ClientFrames;
import io.heliodor.transport.tls.TlsLibrary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.event.Level;

/** Connections over TLS, which behave as those without. The library is that of the JDK; {@link BoringSslTests} has the other. */
class TlsTests extends LiveTest {
    /** More than the buffers of both kernels take. */
    private static final String LARGE = "x".repeat(16 << 20);

    private static final int SMALL_WINDOW = 4 << 10;
    private static final SSLContext CLIENT = TestCertificate.trusting(TestCertificate.FIRST, TestCertificate.SECOND);

    @TempDir
    Path folder;

    TlsLibrary library() {
        return TlsLibrary.JDK;
    }

    @BeforeEach
    void writeTheFirst() throws IOException {
        TestCertificate.FIRST.write(folder);
    }

    private Live encrypted(UnaryOperator<Endpoint.Builder> change) {
        return start(builder -> change.apply(builder.tls(files())));
    }

    private Tls files() {
        return Tls.files(folder.resolve("chain.pem"), folder.resolve("key.pem"), Duration.ofMillis(50), library());
    }

    private RawClient tls(Live live, String... protocols) {
        return closing(RawClient.connectTls(live.endpoint, 0, CLIENT, protocols));
    }

    private RawClient member(Live live) {
        return tls(live).upgrade("").joins("room:a");
    }

    private RawClient nonReader(Live live) {
        return closing(RawClient.connectTls(live.endpoint, SMALL_WINDOW, CLIENT))
                .upgrade("&user_id=ann")
                .joins("room:a");
    }

    // As without TLS.

    @Test
    void filesThatOthersMayWriteAreRefusedAndReadableKeysWarnedAbout() throws IOException {
        Path key = folder.resolve("key.pem");
        Path chain = folder.resolve("chain.pem");
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
        RecordedLog.clear();
        assertThat(files()).isNotNull();
        assertThat(RecordedLog.linesAbout("may read " + key)).hasSize(1);
        for (Path file : List.of(key, chain)) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
            assertThatThrownBy(this::files)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("may write " + file);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        }
        assertThat(files()).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void aMemberReceivesAndSends(String protocol) {
        Live live = encrypted(builder -> builder);
        RawClient client = tls(live, protocol).upgrade("").joins("room:a").echoes("room:a", "2");
        live.broadcasts("room:a", "hello");
        client.receives(Live.told("room:a", "hello"));
        client.send(ping("p")).receives("pong p");
        client.send(ClientFrames.close(1000, "")).receives("close 1000");
        assertThat(client.restInOrder()).isEmpty();
        live.awaitCount("connections", 0);
    }

    @Test
    void framesThatMembersShareReachEachUnchanged() {
        Live live = encrypted(builder -> builder.loops(2));
        List<RawClient> members = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            members.add(member(live));
        }
        String large = "y".repeat(1 << 20);
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 50; i++) {
                live.broadcasts("room:a", "small " + round + " " + i);
            }
            live.broadcasts("room:a", large);
            for (RawClient member : members) {
                for (int i = 0; i < 50; i++) {
                    member.receives(Live.told("room:a", "small " + round + " " + i));
                }
                member.receives(Live.told("room:a", large));
            }
        }
        members.forEach(member -> member.echoes("room:a", "2"));
        assertThat(live.count("closed_slow")).isZero();
    }

    @Test
    void largeMessagesAndManyMessagesAtOnceArrive() {
        Live live = encrypted(builder -> builder);
        RawClient client = member(live);
        String text = "z".repeat(900_000);
        client.sends("[\"1\",\"2\",\"room:a\",\"echo\",{\"z\":\"" + text + "\"}]");
        client.receives(RawClient.ok("2", "room:a", "{\"z\":\"" + text + "\"}"));
        for (int i = 3; i < 100; i++) {
            client.sends("[\"1\",\"" + i + "\",\"room:a\",\"echo\",{\"n\":" + i + "}]");
        }
        for (int i = 3; i < 100; i++) {
            client.receives(RawClient.ok("" + i, "room:a", "{\"n\":" + i + "}"));
        }
    }

    @Test
    void framesCompressedOnceReachClientsWithAndWithoutCompressionInOrder() {
        Live live = encrypted(builder -> builder.compression(true));
        RawClient plain = member(live);
        RawClient compressed = tls(live).upgradeCompressed().joins("room:a");
        String words = "the same words again, ".repeat(40);
        for (int i = 0; i < 100; i++) {
            live.broadcasts("room:a", i % 3 == 0 ? "small " + i : words + i);
        }
        for (int i = 0; i < 100; i++) {
            String expected = Live.told("room:a", i % 3 == 0 ? "small " + i : words + i);
            plain.receives(expected);
            RawClient.Frame frame = compressed.next();
            assertThat(frame).hasToString(expected);
            assertThat(frame.compressed()).isEqualTo(i % 3 != 0);
        }
        compressed.send(ClientDeflate.text("[\"1\",\"2\",\"room:a\",\"echo\",{\"n\":2}]"));
        compressed.receives(RawClient.ok("2", "room:a", "{\"n\":2}"));
    }

    @Test
    void oneConnectionServesRequestsOneAfterTheOther() {
        Live live = encrypted(builder -> builder);
        RawClient client = tls(live);
        for (int i = 0; i < 3; i++) {
            assertThat(client.send(RawClient.get("/health")).response().status())
                    .isEqualTo(200);
        }
        client.send(RawClient.get("/nothing"));
        assertThat(client.response().status()).isEqualTo(404);
        assertThat(client.restInOrder()).isEmpty();
    }

    @Test
    void aClientThatDoesNotReadIsClosedAtTheLimitOfBytesAndTheOthersGetEverything() {
        int bound = 256 << 10;
        Live live =
                encrypted(builder -> builder.limits(Limits.openInternet().memory(m -> m.maxConnectionBytes(bound))));
        nonReader(live);
        RawClient reader = member(live);
        String text = "x".repeat(8 << 10);
        long most = 0;
        int sent = 0;
        while (live.count("closed_slow") == 0) {
            assertThat(sent++).as("broadcasts until it was closed").isLessThan(10_000);
            live.broadcasts("room:a", text);
            reader.receives(Live.told("room:a", text));
            most = Math.max(most, BuffersComeBack.pinned());
        }
        assertThat(most).isLessThan(2L * bound + (1 << 20));
        assertThat(RecordedLog.lines(Level.WARN, "does not read"))
                .hasSize(1)
                .allSatisfy(line -> assertThat(line.text()).contains("4408"));
        reader.echoes("room:a", "2");
    }

    @Test
    void aClientThatReadsNothingForATimeIsClosedHoweverFewBytesWait() {
        Live live = encrypted(
                builder -> builder.limits(Limits.openInternet().sessions(s -> s.stallTimeout(Duration.ofMillis(300)))));
        RawClient client = nonReader(live);
        live.broadcasts("room:a", LARGE);
        Live.eventually().pollInterval(Duration.ofMillis(100)).until(() -> {
            client.trySend(ping("still there"));
            return live.count("closed_slow") == 1;
        });
        live.awaitCount("connections", 0);
    }

    @Test
    void oneLargeFrameClosesNoClientThatReadsIt() {
        Live live =
                encrypted(builder -> builder.limits(Limits.openInternet().memory(m -> m.maxConnectionBytes(1 << 10))));
        RawClient reader = nonReader(live);
        String text = "x".repeat(4 << 20);
        for (int i = 0; i < 3; i++) {
            live.broadcasts("room:a", text);
            reader.receives(Live.told("room:a", text));
        }
        assertThat(live.count("closed_slow")).isZero();
    }

    @Test
    void aClosedClientThatDoesNotReadIsCut() {
        Live live = encrypted(builder -> builder);
        RawClient client = nonReader(live);
        live.broadcasts("room:a", LARGE);
        live.endpoint.channels().disconnect("users:ann");
        Live.eventually()
                .untilAsserted(() -> assertThat(BuffersComeBack.pinned()).isZero());
        Live.eventually().until(() -> !client.canSend());
    }

    @Test
    void messagesThatAreTooLargeAndInvalidFramesCloseAsWithoutTls() {
        Live live = encrypted(builder -> builder);
        member(live).send(ClientFrames.announce(0x81, 2 << 20)).isClosedInOrderWith(1009);
        member(live).send(new byte[] {0, 0}).isClosedInOrderWith(1002);
    }

    @Test
    void aDrainClosesInOrder() {
        Live live = encrypted(builder -> builder);
        RawClient client = member(live);
        live.endpoint.drain(Duration.ofMillis(10));
        client.isClosedInOrderWith(1001);
    }

    @Test
    void theSchemeOfRequestsIsHttps() {
        Live live = encrypted(builder -> builder);
        String request = RawClient.upgradeRequest("");
        assertThat(tls(live)
                        .send(request.replace("\r\n\r\n", "\r\nOrigin: https://localhost\r\n\r\n"))
                        .response()
                        .status())
                .isEqualTo(101);
        assertThat(tls(live)
                        .send(request.replace("\r\n\r\n", "\r\nOrigin: http://localhost\r\n\r\n"))
                        .response()
                        .status())
                .isEqualTo(403);
    }

    @Test
    void theHeaderOfAProxyComesBeforeTls() throws IOException {
        Live live = encrypted(builder -> builder.trustedProxies("127.0.0.0/8").proxyProtocol(true));
        RawClient plain = connect(live).send("PROXY TCP4 192.0.2.1 10.0.0.1 5678 80\r\n");
        SSLSocket socket = (SSLSocket)
                CLIENT.getSocketFactory().createSocket(plain.socket(), "localhost", live.endpoint.port(), true);
        socket.getOutputStream().write(RawClient.get("/health").getBytes(ISO_8859_1));
        assertThat(socket.getInputStream().readNBytes(12)).isEqualTo("HTTP/1.1 200".getBytes(ISO_8859_1));
    }

    // Handshakes.

    @Test
    void oldVersionsAndOtherProtocolsAreRefused() throws IOException {
        Live live = encrypted(builder -> builder);
        assertThatThrownBy(() -> tls(live, "TLSv1.1"))
                .isInstanceOf(UncheckedIOException.class)
                .hasRootCauseInstanceOf(SSLHandshakeException.class);
        SSLSocket socket = (SSLSocket)
                CLIENT.getSocketFactory().createSocket(connect(live).socket(), "localhost", live.endpoint.port(), true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2"});
        socket.setSSLParameters(parameters);
        assertThatThrownBy(socket::startHandshake).isInstanceOf(SSLHandshakeException.class);
        live.awaitCount("refused_tls", 1);
    }

    /** A hello of TLS 1.2 that offers one cipher suite. A client of the JDK refuses to offer some of them. */
    private static byte[] hello(int suite) {
        ByteBuffer extensions = ByteBuffer.allocate(64)
                .put(bytes(0, 10, 0, 6, 0, 4, 0, 23, 0, 24)) // supported_groups: secp256r1, secp384r1
                .put(bytes(0, 11, 0, 2, 1, 0)) // ec_point_formats: uncompressed
                .put(bytes(0, 13, 0, 8, 0, 6, 4, 1, 4, 3, 5, 3)) // signature_algorithms: RSA and ECDSA
                .flip();
        ByteBuffer body = ByteBuffer.allocate(256)
                .putShort((short) 0x303) // TLS 1.2
                .put(new byte[32]) // the random number
                .put((byte) 0) // no session
                .putShort((short) 2)
                .putShort((short) suite)
                .put(bytes(1, 0)) // no compression
                .putShort((short) extensions.remaining())
                .put(extensions)
                .flip();
        int length = body.remaining();
        return ByteBuffer.allocate(9 + length)
                .put(bytes(22, 3, 1))
                .putShort((short) (4 + length))
                .putInt(1 << 24 | length)
                .put(body)
                .array();
    }

    /** The first bytes of the response to a hello of TLS 1.2 that offers one cipher suite. */
    private byte[] answerTo(int suite, TestCertificate certificate, int count) throws IOException {
        certificate.write(folder);
        return connect(encrypted(builder -> builder))
                .send(hello(suite))
                .socket()
                .getInputStream()
                .readNBytes(count);
    }

    @ParameterizedTest
    @ValueSource(ints = {0xc02f, 0xc030, 0xcca8}) // ECDHE_RSA with AES_128_GCM, AES_256_GCM, CHACHA20_POLY1305
    void suitesOfTls12WithForwardSecrecyAndAuthenticationAreAccepted(int suite) throws IOException {
        byte[] answer = answerTo(suite, TestCertificate.FIRST, 6);
        assertThat(answer[0]).as("a record of a handshake").isEqualTo((byte) 22);
        assertThat(answer[5]).as("a server hello").isEqualTo((byte) 2);
    }

    @ParameterizedTest
    @ValueSource(ints = {0xc02b, 0xc02c, 0xcca9}) // ECDHE_ECDSA, as above
    void theSameHoldsForCertificatesOfEllipticCurves(int suite) throws IOException {
        byte[] answer = answerTo(suite, TestCertificate.SECOND, 6);
        assertThat(answer[0]).as("a record of a handshake").isEqualTo((byte) 22);
        assertThat(answer[5]).as("a server hello").isEqualTo((byte) 2);
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                0xc027,
                0xc028,
                0xc013,
                0xc014, // ECDHE_RSA with CBC
                0x009e, // DHE_RSA with AES_128_GCM
                0x009c,
                0x002f // RSA, without forward secrecy
            })
    void otherSuitesOfTls12AreRefused(int suite) throws IOException {
        assertThat(answerTo(suite, TestCertificate.FIRST, 7))
                .as("a fatal alert: handshake_failure")
                .isEqualTo(bytes(21, 3, 3, 0, 2, 2, 40));
    }

    @Test
    void http11IsNegotiated() throws IOException {
        Live live = encrypted(builder -> builder);
        SSLSocket socket = (SSLSocket)
                CLIENT.getSocketFactory().createSocket(connect(live).socket(), "localhost", live.endpoint.port(), true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2", "http/1.1"});
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        assertThat(socket.getApplicationProtocol()).isEqualTo("http/1.1");
    }

    @Test
    void plainHttpOnTheTlsPortIsClosedAndCounted() {
        Live live = encrypted(builder -> builder);
        RawClient client = connect(live).send(RawClient.get("/health"));
        assertThat(client.rest()).doesNotContain("HTTP");
        live.awaitCount("refused_tls", 1);
        assertThat(RecordedLog.lines(Level.ERROR, "")).isEmpty();
    }

    @Test
    void halfAHelloIsClosedInTime() {
        Live live = encrypted(builder ->
                builder.limits(Limits.openInternet().connections(c -> c.handshakeTimeout(Duration.ofSeconds(2)))));
        RawClient client = connect(live).send(new byte[] {0x16, 3, 1, 0, (byte) 0xc3, 1, 0, 0, (byte) 0xbf, 3, 3});
        client.rest();
        assertThat(live.count("refused_slow_handshake")).isEqualTo(1);
        assertThat(live.count("refused_tls")).isZero();
    }

    @Test
    void anEncryptedSilentClientIsClosedInTime() {
        Live live = encrypted(builder ->
                builder.limits(Limits.openInternet().connections(c -> c.handshakeTimeout(Duration.ofSeconds(2)))));
        tls(live).ends();
        assertThat(live.count("refused_slow_handshake")).isEqualTo(1);
    }

    @Test
    void aHandshakeOverTheLimitIsClosedBeforeItsTls() {
        Live live = encrypted(
                builder -> builder.limits(Limits.openInternet().connections(c -> c.maxHandshakesOfLoopback(1))));
        connect(live);
        assertThatThrownBy(() -> tls(live)).isInstanceOf(UncheckedIOException.class);
        live.awaitCount("refused_handshakes", 1);
    }

    @Test
    void aSecondHandshakeIsRefused() {
        Live live = encrypted(builder -> builder);
        RawClient client = tls(live, "TLSv1.2").upgrade("").joins("room:a");
        // The other side of a handshake may fail at once, or at the next write.
        assertThatThrownBy(() -> {
                    ((SSLSocket) client.socket()).startHandshake();
                    client.echoes("room:a", "2");
                })
                .isInstanceOfAny(IOException.class, UncheckedIOException.class);
        live.awaitCount("connections", 0);
    }

    @Test
    void newKeysAreAcceptedAndAThousandUnreadResponsesEndTheConnection() throws IOException {
        Live live = encrypted(builder -> builder);
        RawClient client = nonReader(live);
        for (int i = 2; i < 20; i++) {
            ((SSLSocket) client.socket()).startHandshake();
            client.echoes("room:a", "" + i);
        }
        live.broadcasts("room:a", LARGE);
        Live.eventually().until(() -> BuffersComeBack.pinned() > LARGE.length() / 2);
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 1_000_000; i++) {
                        ((SSLSocket) client.socket()).startHandshake();
                    }
                })
                .isInstanceOf(IOException.class);
        live.awaitCount("connections", 0);
        // BoringSSL refuses more than 32 without other messages by itself.
        assertThat(RecordedLog.lines(Level.DEBUG, "too many key updates"))
                .hasSize(library() == TlsLibrary.BORINGSSL ? 0 : 1);
    }

    // Resumption.

    /** The time at which the client has made the keys of its session. Resumed sessions have that of the first one. */
    private static long made(RawClient client) {
        return ((SSLSocket) client.socket()).getSession().getCreationTime();
    }

    private RawClient connects(Live live, SSLContext client, String protocol) {
        return closing(RawClient.connectTls(live.endpoint, 0, client, protocol))
                .upgrade("")
                .joins("room:a");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void aClientThatReconnectsResumesItsSession(String protocol) {
        Live live = encrypted(builder -> builder.loops(2));
        SSLContext client = TestCertificate.trusting(TestCertificate.FIRST);
        long first = made(connects(live, client, protocol));
        for (int i = 0; i < 5; i++) {
            assertThat(made(connects(live, client, protocol))).isEqualTo(first);
        }
        SSLContext another = TestCertificate.trusting(TestCertificate.FIRST);
        assertThat(made(connects(live, another, protocol))).isGreaterThan(first);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void noSessionIsResumedWithANewCertificate(String protocol) throws IOException {
        Live live = encrypted(builder -> builder);
        SSLContext client = TestCertificate.trusting(TestCertificate.FIRST, TestCertificate.SECOND);
        assertThat(served(connects(live, client, protocol))).isEqualTo(TestCertificate.FIRST.certificate());
        TestCertificate.SECOND.write(folder);
        Live.eventually().until(() -> served(live).equals(TestCertificate.SECOND.certificate()));
        assertThat(served(connects(live, client, protocol))).isEqualTo(TestCertificate.SECOND.certificate());
    }

    @Test
    void theServerKeepsNoSessions() {
        Queue<SSLSession> sessions = new ConcurrentLinkedQueue<>();
        Live live = encrypted(builder -> builder.socket(
                "/seen",
                UserSocket.<Empty>connect(connect -> {
                            sessions.add(connect.tls().orElseThrow());
                            return Connect.ok(Empty.EMPTY);
                        })
                        .channel(
                                "room:*",
                                Channel.of(Empty.class)
                                        .join(join -> Join.ok(Empty.EMPTY))
                                        .build())
                        .build()));
        for (String protocol : List.of("TLSv1.3", "TLSv1.2")) {
            RawClient client = closing(
                    RawClient.connectTls(live.endpoint, 0, TestCertificate.trusting(TestCertificate.FIRST), protocol));
            client.send(RawClient.upgradeRequest("").replace("/socket/", "/seen/"))
                    .upgraded();
            SSLSession session = sessions.remove();
            assertThat(session.getProtocol()).isEqualTo(protocol);
            assertThat(Collections.list(session.getSessionContext().getIds())).isEmpty();
        }
    }

    @Test
    void aLineHasTheLibrary() {
        Live live = encrypted(builder -> builder);
        assertThat(RecordedLog.lines(Level.INFO, "TLS of port " + live.endpoint.port() + " is that of " + library()))
                .hasSize(1);
    }

    @Test
    void theJdkServesWithARequestForCertificatesOfClients() {
        Live live = start(builder -> builder.tls(files().requestingClientCertificates()));
        member(live).echoes("room:a", "2");
        assertThat(RecordedLog.lines(Level.INFO, " is that of the JDK")).hasSize(1);
    }

    @Test
    void aCertificateOfAnEdwardsCurveIsServed() throws IOException {
        TestCertificate edwards = TestCertificate.make("Ed25519");
        edwards.write(folder);
        Live live = encrypted(builder -> builder);
        RawClient client = closing(RawClient.connectTls(live.endpoint, 0, TestCertificate.trusting(edwards)));
        assertThat(served(client)).isEqualTo(edwards.certificate());
    }

    // Certificates.

    private static X509Certificate served(RawClient client) {
        try {
            return (X509Certificate) ((SSLSocket) client.socket()).getSession().getPeerCertificates()[0];
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A context of its own, so that no session is resumed with an earlier certificate. */
    private X509Certificate served(Live live) {
        SSLContext fresh = TestCertificate.trusting(TestCertificate.FIRST, TestCertificate.SECOND);
        return served(closing(RawClient.connectTls(live.endpoint, 0, fresh)));
    }

    @Test
    void newFilesServeNewConnectionsAndOpenOnesContinue() throws IOException {
        Live live = encrypted(builder -> builder);
        RawClient before = member(live);
        assertThat(served(before)).isEqualTo(TestCertificate.FIRST.certificate());
        TestCertificate.SECOND.write(folder);
        Live.eventually().until(() -> served(live).equals(TestCertificate.SECOND.certificate()));
        before.echoes("room:a", "2");
        live.broadcasts("room:a", "hello");
        before.receives(Live.told("room:a", "hello"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"nothing", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "the other's"})
    void aNewPairThatCannotBeUsedKeepsTheOldOne(String key) throws IOException {
        Live live = encrypted(builder -> builder);
        Files.writeString(
                folder.resolve("key.pem"), key.equals("the other's") ? TestCertificate.ANOTHER.keyPem() : key);
        Live.eventually().until(() -> live.count("certificates_failed") > 0);
        assertThat(served(live)).isEqualTo(TestCertificate.FIRST.certificate());
        assertThat(RecordedLog.lines(Level.WARN, "cannot be used")).hasSize(1);
        TestCertificate.SECOND.write(folder);
        Live.eventually().until(() -> served(live).equals(TestCertificate.SECOND.certificate()));
    }

    @Test
    void filesThatAreMissingForAWhileChangeNothing() throws IOException {
        Live live = encrypted(builder -> builder);
        Files.delete(folder.resolve("key.pem"));
        live.awaitCount("certificates_failed", 1);
        assertThat(served(live)).isEqualTo(TestCertificate.FIRST.certificate());
        TestCertificate.FIRST.write(folder);
        member(live);
    }

    @Test
    void aContextOfTheApplicationIsRequestedForEachConnection() {
        List<SSLContext> requested = new ArrayList<>();
        SSLContext context = TestCertificate.FIRST.serving();
        Live live = start(builder -> builder.loops(1).tls(Tls.of(() -> {
            requested.add(context);
            return context;
        })));
        member(live);
        member(live);
        assertThat(requested).hasSize(2);
    }

    @Test
    void filesThatCannotBeUsedAreRefusedAtTheStart() throws IOException {
        assertThatThrownBy(() -> Tls.files(folder.resolve("none.pem"), folder.resolve("key.pem")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("none.pem");
        Files.writeString(folder.resolve("chain.pem"), "nothing");
        assertThatThrownBy(this::files).isInstanceOf(IllegalArgumentException.class);
        Files.writeString(folder.resolve("chain.pem"), TestCertificate.SECOND.chainPem());
        assertThatThrownBy(this::files).isInstanceOf(IllegalArgumentException.class);
        TestCertificate.FIRST.write(folder);
        Files.writeString(
                folder.resolve("key.pem"), TestCertificate.FIRST.keyPem().replace("PRIVATE", "RSA PRIVATE"));
        assertThatThrownBy(this::files)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("openssl pkcs8 -topk8");
    }
}
