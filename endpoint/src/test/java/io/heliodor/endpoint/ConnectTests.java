package io.heliodor.endpoint;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.ConnectHandler;
import io.heliodor.channel.Join;
import io.heliodor.channel.Socket;
import io.heliodor.channel.UserSocket;
import io.heliodor.endpoint.PollClient.Answer;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client as connect handlers and channels see it, and messages to its connection. */
class ConnectTests extends LiveTest {
    record Why(String reason) {}

    private static final Event<Why> KICKED = Event.of("kicked", Why.class);
    private static final String LAST = "[null,null,\"phoenix\",\"kicked\",{\"reason\":\"spam\"}]";
    private static final String REFUSED = "[null,null,\"phoenix\",\"refused\",{\"status\":%s}]";

    private final Queue<Connect> connects = new ConcurrentLinkedQueue<>();
    private final Queue<Socket<Empty>> sockets = new ConcurrentLinkedQueue<>();

    private Live seeing(UnaryOperator<Endpoint.Builder> change) {
        return start(builder -> change.apply(builder.socket(
                "/seen",
                UserSocket.<Empty>connect(connect -> {
                            connects.add(connect);
                            return Connect.ok(Empty.EMPTY, "users:1");
                        })
                        .channel(
                                "room:*",
                                Channel.of(Empty.class)
                                        .join(join -> {
                                            sockets.add(join.socket());
                                            return Join.ok(Empty.EMPTY);
                                        })
                                        .build())
                        .build())));
    }

    private static String request(String params, String headers) {
        return RawClient.upgradeRequest(params)
                .replace("/socket/", "/seen/")
                .replace("\r\n\r\n", "\r\n" + headers + "\r\n");
    }

    @Test
    void aConnectHandlerSeesTheWholeRequest() {
        Live live = seeing(builder -> builder);
        connect(live)
                .send(request(
                        "&a=1&a=2&name=%C3%A9%20x",
                        "X-Tag: one\r\nx-tag: two\r\nCookie: sid=abc; theme=dark; sid=old\r\nCookie: late=1\r\n"))
                .upgraded();
        Connect connect = connects.remove();
        assertThat(connect.path()).isEqualTo("/seen/websocket");
        assertThat(connect.transport()).isEqualTo(Socket.Transport.WEBSOCKET);
        assertThat(connect.params())
                .isEqualTo(Map.of("vsn", List.of("2.0.0"), "a", List.of("1", "2"), "name", List.of("é x")));
        assertThat(connect.param("a")).contains("2");
        assertThat(connect.headers())
                .containsEntry("x-tag", List.of("one", "two"))
                .containsEntry("host", List.of("localhost"));
        assertThat(connect.header("X-TAG")).contains("one");
        assertThat(connect.cookies()).isEqualTo(Map.of("sid", "abc", "theme", "dark", "late", "1"));
        assertThat(connect.cookie("sid")).contains("abc");
        assertThat(connect.cookie("none")).isEmpty();
        assertThat(connect.scheme()).isEmpty();
        assertThat(connect.tls()).isEmpty();
        assertThat(connect.remoteAddress()).isEqualTo("127.0.0.1");
    }

    @Test
    void aSocketHasTheAddressAndTheIdOfItsClient() {
        Live live = seeing(builder -> builder.trustedProxies("127.0.0.1"));
        connect(live)
                .send(request("", "X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: https\r\nX-Request-Id: r-7\r\n"))
                .upgraded()
                .joins("room:a");
        assertThat(connects.remove().scheme()).contains("https");
        Socket<Empty> socket = sockets.remove();
        assertThat(socket.remoteAddress()).isEqualTo("192.0.2.7");
        assertThat(socket.transport()).isEqualTo(Socket.Transport.WEBSOCKET);
        assertThat(socket.correlationId()).isEqualTo("r-7");
        assertThat(live.endpoint.channels().localConnections("users:1")).isEqualTo(List.of(socket));
        assertThat(live.endpoint.channels().localMembers("room:a")).isEqualTo(List.of(socket));
        assertThat(live.endpoint.channels().memberCount("room:a")).isEqualTo(1);
    }

    @Test
    void overTlsAConnectHandlerSeesItsSession(@TempDir Path folder) throws IOException {
        TestCertificate.FIRST.write(folder);
        Live live = seeing(builder -> builder.tls(Tls.files(folder.resolve("chain.pem"), folder.resolve("key.pem"))));
        closing(RawClient.connectTls(live.endpoint, 0, TestCertificate.trusting(TestCertificate.FIRST), "TLSv1.3"))
                .send(request("", ""))
                .upgraded();
        Connect connect = connects.remove();
        assertThat(connect.scheme()).contains("https");
        assertThat(connect.tls().map(SSLSession::getProtocol)).contains("TLSv1.3");
    }

    @Test
    void aCertificateOfTheClientIsRequestedAndSeenIfItIsTrusted() throws Exception {
        Live live =
                seeing(builder -> builder.tls(Tls.of(() -> TestCertificate.FIRST.trustingOnly(TestCertificate.SECOND))
                        .requestingClientCertificates()));
        closing(RawClient.connectTls(live.endpoint, 0, TestCertificate.SECOND.trustingOnly(TestCertificate.FIRST)))
                .send(request("", ""))
                .upgraded();
        assertThat(connects.remove().tls().orElseThrow().getPeerCertificates())
                .containsExactly(TestCertificate.SECOND.certificate());
        closing(RawClient.connectTls(live.endpoint, 0, TestCertificate.trusting(TestCertificate.FIRST)))
                .send(request("", ""))
                .upgraded();
        SSLSession without = connects.remove().tls().orElseThrow();
        assertThatThrownBy(without::getPeerCertificates).isInstanceOf(SSLPeerUnverifiedException.class);
        try {
            closing(RawClient.connectTls(live.endpoint, 0, TestCertificate.ANOTHER.trustingOnly(TestCertificate.FIRST)))
                    .trySend(request("", "").getBytes(ISO_8859_1));
        } catch (UncheckedIOException e) {
            // The server has ended the handshake already.
        }
        live.awaitCount("refused_tls", 1);
        assertThat(connects).isEmpty();
    }

    @Test
    void theSocketOfAPollingClientIsListedAndItsLastEventComesWithTheNextPoll() {
        Live live = seeing(builder -> builder);
        RawClient.Response response = connect(live)
                .send(PollClient.get("", "&name=ann").replace("/socket/", "/seen/"))
                .response();
        assertThat(Answer.of(response).status()).isEqualTo(410);
        Connect connect = connects.remove();
        assertThat(connect.path()).isEqualTo("/seen/longpoll");
        assertThat(connect.transport()).isEqualTo(Socket.Transport.LONG_POLL);
        assertThat(connect.params()).containsEntry("name", List.of("ann"));

        PollClient client = closing(PollClient.open(live)).joins("room:a");
        Socket<?> socket = live.endpoint.channels().localMembers("room:a").getFirst();
        assertThat(socket.transport()).isEqualTo(Socket.Transport.LONG_POLL);
        assertThat(socket.remoteAddress()).isEqualTo("127.0.0.1");
        socket.kick(KICKED, new Why("spam"));
        assertThat(client.poll()).isEqualTo(new Answer(200, client.token(), List.of(LAST)));
        assertThat(client.poll().status()).isEqualTo(410);
        assertThat(live.count("closed_kicked")).isEqualTo(1);
    }

    @Test
    void aRefusalHasItsReasonAndTheTimeUntilARetry() {
        Live live = start(builder -> builder.socket(
                "/full",
                UserSocket.<Empty>connect(connect -> Connect.<Empty>refuse(429)
                                .retryAfter(Duration.ofMillis(1_500))
                                .text("full today"))
                        .channel(
                                "room:*",
                                Channel.join(join -> Join.ok(Empty.EMPTY)).build())
                        .build()));
        RawClient.Response response = connect(live)
                .send(RawClient.upgradeRequest("").replace("/socket/", "/full/"))
                .response();
        assertThat(response.status()).isEqualTo(429);
        assertThat(response.header("retry-after")).isEqualTo("2");
        assertThat(response.body()).isEqualTo("full today");
        assertThat(response.header("content-type")).isEqualTo("text/plain; charset=utf-8");
        Answer polled = Answer.of(connect(live)
                .send(PollClient.get("", "").replace("/socket/", "/full/"))
                .response());
        assertThat(polled.status()).isEqualTo(403);
    }

    @Test
    void aKickedClientGetsTheEventAndTheCode() {
        Live live = start();
        RawClient client =
                closing(RawClient.open(live.endpoint, "&user_id=ann")).joins("room:a");
        live.endpoint.channels().localConnections("users:ann").getFirst().push(KICKED, new Why("warning"));
        client.receives(LAST.replace("spam", "warning"));
        live.endpoint.channels().kick("users:ann", KICKED, new Why("spam"));
        client.receives(LAST).isClosedWith(4403);
    }

    @Test
    void aClientIsRefusedAfterTheUpgradeWithAnEventAndACode() {
        Live live = startPages(connect ->
                Connect.<Empty>refuse(503).retryAfter(Duration.ofSeconds(30)).text("full today"));
        page(live)
                .receives(REFUSED.formatted("503,\"reason\":\"full today\",\"retry_after\":30"))
                .isClosedWith(4503);
        assertThat(live.count("closed_refused")).isEqualTo(1);
        assertThat(live.count("refused_connect")).isEqualTo(1);
        Answer polled = Answer.of(connect(live)
                .send(PollClient.get("", "").replace("/socket/", "/pages/"))
                .response());
        assertThat(polled.status()).isEqualTo(403);
    }

    @Test
    void aTimeLimitThatIsOverIsRefusedAfterTheUpgradeToo() {
        Live live = startPages(connect -> Connect.ok(Empty.EMPTY).validUntil(Instant.EPOCH));
        page(live).receives(REFUSED.formatted("401,\"reason\":\"expired\"")).isClosedWith(4401);
    }

    @Test
    void aConnectHandlerThatThrowsIsARefusalAfterTheUpgradeToo() {
        Live live = startPages(connect -> {
            throw new IllegalStateException("no database");
        });
        page(live).receives(REFUSED.formatted("500,\"reason\":\"\"")).isClosedWith(4503);
    }

    private Live startPages(ConnectHandler<Empty> handler) {
        return start(builder -> builder.socket(
                "/pages",
                UserSocket.connect(handler)
                        .refuseAfterUpgrade()
                        .channel(
                                "room:*",
                                Channel.join(join -> Join.ok(Empty.EMPTY)).build())
                        .build()));
    }

    private RawClient page(Live live) {
        return connect(live)
                .send(RawClient.upgradeRequest("").replace("/socket/", "/pages/"))
                .upgraded();
    }
}
