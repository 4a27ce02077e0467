package io.heliodor.endpoint;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Empty;
import io.heliodor.limit.Limits;
import io.heliodor.transport.frame.ClientFrames;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Headers of proxies about their clients, and the peers that are trusted as proxies. */
class ProxyTests extends LiveTest {
    private static final String STRANGER = "127.0.0.9";
    private static final byte[] SIGNATURE = {13, 10, 13, 10, 0, 13, 10, 'Q', 'U', 'I', 'T', 10};

    /** The addresses that the connect handler saw. */
    private final Queue<String> seen = new ConcurrentLinkedQueue<>();

    private Live proxied(UnaryOperator<Endpoint.Builder> change) {
        return start(builder -> change.apply(builder.trustedProxies("127.0.0.1", "10.0.0.0/8")
                .socket(
                        "/seen",
                        UserSocket.<Object>connect(connect -> {
                                    seen.add(connect.remoteAddress());
                                    return Connect.ok(Empty.EMPTY);
                                })
                                .channel(
                                        "room:*",
                                        Channel.join(join -> Join.ok(Empty.EMPTY))
                                                .build())
                                .build())));
    }

    private static String request(String headers) {
        return RawClient.upgradeRequest("")
                .replace("/socket/", "/seen/")
                .replace("\r\n\r\n", "\r\n" + headers + "\r\n");
    }

    private static String forwarded(String client) {
        return "X-Forwarded-For: " + client + "\r\n";
    }

    // HTTP headers.

    @Test
    void aTrustedProxyNamesTheClient() {
        Live live = proxied(builder -> builder);
        connect(live).send(request(forwarded("6.6.6.6, 192.0.2.1, 10.9.9.9"))).upgraded();
        assertThat(seen).containsExactly("192.0.2.1");
    }

    @Test
    void headersOfAnUntrustedPeerAreIgnored() {
        Live live = proxied(builder -> builder.limits(Limits.openInternet().connections(c -> c.maxPerAddress(1))));
        for (int i = 0; i < 3; i++) {
            int status = closing(RawClient.connectFrom(STRANGER, live.endpoint))
                    .send(request(forwarded("192.0.2." + i)))
                    .response()
                    .status();
            assertThat(status).isEqualTo(i == 0 ? 101 : 429);
        }
        assertThat(seen).containsExactly(STRANGER);
    }

    @Test
    void withoutTrustedProxiesAllHeadersAreIgnored() {
        Live live = start(builder -> builder.limits(Limits.openInternet().connections(c -> c.maxPerAddress(1))));
        for (int i = 0; i < 3; i++) {
            int status = connect(live)
                    .send(RawClient.upgradeRequest("").replace("\r\n\r\n", "\r\n" + forwarded("192.0.2." + i) + "\r\n"))
                    .response()
                    .status();
            assertThat(status).isEqualTo(i == 0 ? 101 : 429);
        }
    }

    @Test
    void eachRequestOfOneConnectionHasItsOwnClient() {
        Live live = proxied(builder -> builder.limits(Limits.openInternet().connections(c -> c.maxPerAddress(1))));
        RawClient proxy = connect(live);
        for (int i = 0; i < 3; i++) {
            proxy.send(PollClient.get("", "")
                    .replace("/socket/", "/seen/")
                    .replace("\r\n\r\n", "\r\n" + forwarded("192.0.2." + i) + "\r\n"));
            assertThat(PollClient.Answer.of(proxy.response()).status()).isEqualTo(410);
        }
        assertThat(seen).containsExactly("192.0.2.0", "192.0.2.1", "192.0.2.2");
        proxy.send(PollClient.get("", "").replace("\r\n\r\n", "\r\n" + forwarded("192.0.2.2") + "\r\n"));
        assertThat(proxy.response().status()).isEqualTo(429);
    }

    @Test
    void theHandshakesOfAProxyCountForItsClients() {
        Live live = proxied(builder -> builder.limits(Limits.openInternet()
                .connections(c -> c.maxHandshakesOfLoopback(1).maxHandshakesPerAddress(1))));
        for (int i = 0; i < 10; i++) {
            connect(live);
        }
        open(live).joins("room:a");
        assertThat(live.endpoint.addresses()).isZero();
        closing(RawClient.connectFrom(STRANGER, live.endpoint));
        Live.eventually().until(() -> live.endpoint.addresses() == 1);
        closing(RawClient.connectFrom(STRANGER, live.endpoint)).ends();
        assertThat(live.count("refused_handshakes")).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "http,  http://localhost,       101",
        "https, https://localhost,      101",
        "wss,   https://localhost,      101",
        "https, http://localhost,       403",
        "http,  https://localhost,      403",
        "https, https://localhost:443,  101",
        "https, https://localhost:8443, 403",
    })
    void theSchemeThatAProxyNamesIsThatOfItsPages(String scheme, String origin, int status) {
        Live live = proxied(builder -> builder);
        assertThat(connect(live)
                        .send(request("X-Forwarded-Proto: " + scheme + "\r\nOrigin: " + origin + "\r\n"))
                        .response()
                        .status())
                .isEqualTo(status);
    }

    // The PROXY protocol.

    private Live expecting() {
        return proxied(builder -> builder.proxyProtocol(true)
                .limits(Limits.openInternet().connections(c -> c.handshakeTimeout(Duration.ofSeconds(2)))));
    }

    private static byte[] version2(int command, int family, byte[] addresses) {
        return ByteBuffer.allocate(SIGNATURE.length + 4 + addresses.length)
                .put(SIGNATURE)
                .put((byte) (0x20 | command))
                .put((byte) family)
                .putShort((short) addresses.length)
                .put(addresses)
                .array();
    }

    private static final byte[] IPV4 = {(byte) 192, 0, 2, 1, 10, 0, 0, 1, 0x12, 0x34, 0, 80};

    @ParameterizedTest
    @CsvSource({
        "PROXY TCP4 192.0.2.1 10.0.0.1 5678 80, 192.0.2.1",
        "PROXY TCP6 2001:db8::7 ::1 5678 80, 2001:db8:0:0:0:0:0:7",
        "PROXY UNKNOWN, 127.0.0.1",
        "PROXY UNKNOWN ffff::1 ffff::2 1 2, 127.0.0.1",
    })
    void aHeaderOfVersion1NamesTheClient(String header, String client) {
        Live live = expecting();
        connect(live).send(header + "\r\n" + request("")).upgraded();
        assertThat(seen).containsExactly(client);
    }

    @Test
    void aHeaderOfVersion2NamesTheClient() {
        Live live = expecting();
        byte[] more = {4, 0, 1, 0};
        for (byte[] header : new byte[][] {
            version2(1, 0x11, IPV4),
            version2(1, 0x11, ClientFrames.concat(IPV4, more)),
            version2(0, 0, new byte[0]),
            version2(0, 0x11, IPV4),
        }) {
            connect(live)
                    .send(ClientFrames.concat(header, request("").getBytes(ISO_8859_1)))
                    .upgraded();
        }
        assertThat(seen).containsExactly("192.0.2.1", "192.0.2.1", "127.0.0.1", "127.0.0.1");
    }

    @Test
    void aHeaderMayComeInPieces() {
        Live live = expecting();
        RawClient client = connect(live);
        for (byte each : version2(1, 0x11, IPV4)) {
            client.send(new byte[] {each});
        }
        client.send(request("")).upgraded();
        assertThat(seen).containsExactly("192.0.2.1");
    }

    @Test
    void forwardedHeadersOfAProxyThatTheHeaderNamesApply() {
        Live live = expecting();
        connect(live)
                .send("PROXY TCP4 10.1.1.1 10.0.0.1 5678 80\r\n" + request(forwarded("192.0.2.7")))
                .upgraded();
        connect(live)
                .send("PROXY TCP4 192.0.2.1 10.0.0.1 5678 80\r\n" + request(forwarded("192.0.2.7")))
                .upgraded();
        assertThat(seen).containsExactly("192.0.2.7", "192.0.2.1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "PROXY TCP4 192.0.2.1\r\n and more",
                "PROXY TCP4 192.0.2.999 10.0.0.1 1 2\r\n",
                "PROXY TCP4 name 10.0.0.1 1 2\r\n",
                "PROXY TCP9 192.0.2.1 10.0.0.1 1 2\r\n",
                "\r\n\r\n\0\r\nQUIT\n\u0011\u0011\0\0",
                "\r\n\r\n\0\r\nQUIT\n!\u0011\0\u0001x",
                "\r\n\r\n\0\r\nQUIT\n!\u0011\u00ff\u00ffx",
                "\u0016\u0003\u0001\0\u00c3\u0001\0\0\u00bf\u0003\u0003 hello\r\n",
            })
    void aConnectionWithAnInvalidHeaderIsClosedAndCounted(String bytes) {
        Live live = expecting();
        long before = bad(live);
        RawClient client = connect(live).send(bytes);
        assertThat(client.rest()).isEmpty();
        Live.eventually().until(() -> bad(live) == before + 1);
        assertThat(seen).isEmpty();
        connect(live).send("PROXY UNKNOWN\r\n" + request("")).upgraded();
    }

    /** An incomplete header counts as a slow handshake. */
    private static long bad(Live live) {
        return live.count("refused_proxy_header") + live.count("refused_slow_handshake");
    }

    @Test
    void aLineWithoutAnEndIsClosedAtOnce() {
        Live live = proxied(builder -> builder.proxyProtocol(true));
        assertThat(connect(live).send("PROXY TCP4 " + "1".repeat(200)).rest()).isEmpty();
        live.awaitCount("refused_proxy_header", 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "PRO", "PROXY TCP4 192.0.2.1 10.0.", "\r\n\r\n\0\r\nQUIT\n!\u0011\0\u000c\u0001"})
    void halfAHeaderIsClosedInTime(String half) {
        Live live = expecting();
        connect(live).send(half).ends();
        assertThat(live.count("refused_slow_handshake")).isEqualTo(1);
    }

    @Test
    void aHeaderOfAnUntrustedPeerIsRefused() {
        Live live = expecting();
        RawClient client = closing(RawClient.connectFrom(STRANGER, live.endpoint))
                .trySend(("PROXY TCP4 192.0.2.1 10.0.0.1 5678 80\r\n" + request("")).getBytes(ISO_8859_1));
        assertThat(client.rest()).isEmpty();
        assertThat(live.count("refused_proxy_header")).isEqualTo(1);
        assertThat(seen).isEmpty();
    }

    @Test
    void theHandshakesOfTheClientThatAHeaderNamesAreLimited() {
        Live live = proxied(builder -> builder.proxyProtocol(true)
                .limits(Limits.openInternet().connections(c -> c.maxHandshakesPerAddress(2))));
        String header = "PROXY TCP4 192.0.2.1 10.0.0.1 5678 80\r\n";
        connect(live).send(header);
        connect(live).send(header);
        Live.eventually().until(() -> live.endpoint.addresses() == 1);
        RawClient third = connect(live);
        Live.eventually().until(() -> {
            third.trySend(header.getBytes(ISO_8859_1));
            return live.count("refused_handshakes") == 1;
        });
        third.ends();
        connect(live)
                .send("PROXY TCP4 192.0.2.2 10.0.0.1 5678 80\r\n" + request(""))
                .upgraded();
    }

    @Test
    void theProxyProtocolNeedsATrustedProxy() {
        assertThatThrownBy(() -> start(builder -> builder.proxyProtocol(true)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("trustedProxies(...)");
    }

    @Test
    void anInvalidAddressIsRefusedAtOnce() {
        assertThatThrownBy(() -> Endpoint.builder().trustedProxies("10.0.0.0/8", "proxy.example"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'proxy.example'");
    }
}
