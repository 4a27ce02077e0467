package io.heliodor.endpoint;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Empty;
import io.heliodor.limit.ConnectionLimits;
import io.heliodor.limit.Limits;
import io.heliodor.transport.longpoll.PollLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Limits of connections, in all and for each address. */
class AddressLimitsTests extends LiveTest {
    private static final String OTHER = "127.0.0.2";

    private final List<RawClient> silent = new ArrayList<>();

    /** The connect handler of {@code /waiting} takes one permit for each call. */
    private final Semaphore gate = new Semaphore(0);

    private Live limited(UnaryOperator<ConnectionLimits> change) {
        return start(builder -> builder.limits(
                        Limits.openInternet().connections(c -> change.apply(c.handshakeTimeout(Duration.ofMinutes(5)))))
                .polls(PollLimits.defaults().window(Duration.ofMillis(100)).inactive(Duration.ofMillis(300))));
    }

    private void silent(Live live, int count) {
        for (int i = 0; i < count; i++) {
            silent.add(closing(RawClient.connect(live.endpoint)));
        }
    }

    @Test
    void theNewestOfAThousandSilentConnectionsAreRefusedAndLeaveNoState() {
        Live live = limited(limits -> limits.maxHandshakesOfLoopback(256));
        withHealthyClient(live);
        silent(live, 1_000);
        live.awaitCount("refused_handshakes", 1_000 - 256);
        silent.subList(256, 1_000).forEach(RawClient::ends);
        silent.getFirst().upgrade("").joins("room:a").echoes("room:a", "2");
        closing(RawClient.connectFrom(OTHER, live.endpoint)).upgrade("").joins("room:a");
        assertThat(live.endpoint.addresses()).isEqualTo(1);

        RawClient.closeAll(silent);
        Live.eventually()
                .untilAsserted(() -> assertThat(live.endpoint.addresses()).isZero());
        open(live).joins("room:a");
        assertThat(live.count("refused_handshakes")).isEqualTo(1_000 - 256);
    }

    @Test
    void aConnectionThatIsRefusedAtOnceGetsNoResponse() {
        Live live = limited(limits -> limits.maxHandshakesOfLoopback(1));
        silent(live, 1);
        RawClient client = connect(live).trySend(RawClient.get("/health").getBytes(ISO_8859_1));
        assertThat(client.rest()).isEmpty();
        assertThat(live.count("refused_handshakes")).isEqualTo(1);
    }

    @Test
    void aFinishedHandshakeIsNotCounted() {
        Live live = limited(limits -> limits.maxHandshakesOfLoopback(4));
        for (int i = 0; i < 9; i++) {
            open(live).joins("room:a");
            try (RawClient client = RawClient.connect(live.endpoint)) {
                assertThat(client.send(RawClient.get("/health")).response().status())
                        .isEqualTo(200);
            }
        }
        closing(PollClient.open(live)).joins("room:a");
        open(live).joins("room:a");
        assertThat(live.count("refused_handshakes")).isZero();
    }

    @Test
    void connectionsThatStayAreHalfOfTheHandshakesOfTheirAddress() {
        Live live = limited(limits -> limits.maxHandshakesOfLoopback(10));
        int staying = 0;
        // One fewer than the limit: a permit returns a moment after its client has closed.
        for (int i = 0; i < 9; i++) {
            RawClient client = connect(live);
            RawClient.Response response = client.send(RawClient.get("/health")).response();
            assertThat(response.status()).isEqualTo(200);
            if (response.header("connection").equals("close")) {
                client.ends();
                client.close();
            } else {
                staying++;
            }
        }
        assertThat(staying).isEqualTo(5);
        silent(live, 20);
        Live.eventually()
                .untilAsserted(
                        () -> assertThat(live.count("refused_handshakes")).isGreaterThanOrEqualTo(15));
    }

    @Test
    void aPollThatIsAnsweredLeavesAConnectionThatCounts() {
        Live live = limited(limits -> limits.maxHandshakesOfLoopback(4));
        try (PollClient client = PollClient.open(live).joins("room:a")) {
            for (int i = 0; i < 10; i++) {
                client.joins("room:" + i);
            }
        }
        assertThat(live.count("refused_handshakes")).isZero();
    }

    @Test
    void aSlowReaderOfAFileHoldsAPermit(@TempDir Path folder) throws IOException {
        Files.write(folder.resolve("large.bin"), new byte[50_000_000]);
        Live live = start(builder -> builder.files("/", folder)
                .limits(Limits.openInternet().connections(c -> c.maxHandshakesOfLoopback(2))));
        for (int i = 0; i < 2; i++) {
            RawClient slow = closing(RawClient.connect(live.endpoint, 4 << 10));
            slow.send(RawClient.get("/large.bin"));
            assertThat(slow.response(false).status()).isEqualTo(200);
        }
        assertThat(connect(live)
                        .trySend(RawClient.get("/health").getBytes(ISO_8859_1))
                        .rest())
                .isEmpty();
        assertThat(live.count("refused_handshakes")).isEqualTo(1);
    }

    @Test
    void byDefaultLoopbackHasNoLimitForHandshakes() {
        Live live = limited(UnaryOperator.identity());
        withHealthyClient(live);
        silent(live, 300);
        open(live).joins("room:a");
        assertThat(live.count("refused_handshakes")).isZero();
    }

    @Test
    void aConnectionOverTheLimitIsRefusedWith503UntilAnotherOneEnds() {
        Live live = limited(limits -> limits.max(3));
        withHealthyClient(live);
        RawClient first = open(live).joins("room:a");
        RawClient second = open(live).joins("room:a");
        for (int i = 0; i < 3; i++) {
            isRefused(connect(live), 503);
        }
        live.awaitCount("refused_connections", 3);
        first.close();
        connectsEventually(live);
        second.echoes("room:a", "2");
    }

    @Test
    void aConnectionOverTheLimitOfItsAddressIsRefusedWith429AndAnotherAddressIsNot() {
        Live live = limited(limits -> limits.maxPerAddress(2));
        withHealthyClient(live);
        RawClient first = open(live).joins("room:a");
        isRefused(connect(live), 429);
        live.awaitCount("refused_connections_of_address", 1);
        closing(RawClient.connectFrom(OTHER, live.endpoint)).upgrade("").joins("room:a");
        first.close();
        connectsEventually(live);
    }

    @Test
    void aClientThatTheConnectHandlerRefusesHoldsNoPermit() {
        Live live = limited(limits -> limits.max(1).maxPerAddress(1));
        for (String params : List.of("&token=deny", "&outcome=crash", "&vsn=9", "&token=deny")) {
            assertThat(connect(live)
                            .send(RawClient.upgradeRequest(params))
                            .response()
                            .status())
                    .isNotIn(429, 503);
        }
        open(live).joins("room:a");
    }

    /** An exception that cannot be logged. */
    private static final class Unloggable extends RuntimeException {
        private static final long serialVersionUID = 1;

        @Override
        public String getMessage() {
            throw new NoClassDefFoundError("on purpose");
        }
    }

    @ParameterizedTest
    @CsvSource({"websocket, HTTP/1.1 500", "longpoll, '{\"status\":500}'"})
    void aConnectHandlerWhoseFailureCannotBeLoggedIsAnsweredAndHoldsNoPermit(String transport, String answer) {
        Live live = start(builder -> builder.limits(Limits.openInternet().connections(c -> c.max(1)))
                .socket(
                        "/failing",
                        UserSocket.<Object>connect(connect -> {
                                    throw new Unloggable();
                                })
                                .channel(
                                        "room:*",
                                        Channel.join(join -> Join.ok(Empty.EMPTY))
                                                .build())
                                .build()));
        RawClient client = connect(live)
                .send(RawClient.upgradeRequest("")
                        .replace("/socket/websocket", "/failing/" + transport)
                        .replace("Connection: Upgrade", "Connection: close"));
        assertThat(client.rest()).contains(answer);
        open(live).joins("room:a");
    }

    @Test
    void aPollingSessionHoldsAPermitUntilItEnds() {
        Live live = limited(limits -> limits.maxPerAddress(1));
        PollClient client = closing(PollClient.open(live)).joins("room:a");
        isRefused(connect(live), 429);
        RawClient other = connect(live).send(RawClient.get("/socket/longpoll?vsn=2.0.0"));
        assertThat(other.response().status()).isEqualTo(429);
        client.close();
        connectsEventually(live);
    }

    /** A socket whose connect handler waits, and one permit for handshakes. */
    private Live waiting() {
        return start(builder -> builder.limits(Limits.openInternet()
                        .connections(c -> c.handshakeTimeout(Duration.ofMinutes(5))
                                .maxHandshakesOfLoopback(1)
                                .maxPerAddress(10)))
                .socket(
                        "/waiting",
                        UserSocket.<Object>connect(connect -> {
                                    gate.acquire();
                                    return Connect.ok(Empty.EMPTY);
                                })
                                .channel(
                                        "room:*",
                                        Channel.join(join -> Join.ok(Empty.EMPTY))
                                                .build())
                                .build()));
    }

    /** No further handshake of the address is accepted, however often it tries. */
    private void acceptsNoHandshake(Live live) {
        for (int i = 0; i < 100; i++) {
            assertThat(connect(live)
                            .trySend(RawClient.get("/health").getBytes(ISO_8859_1))
                            .rest())
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "longpoll"})
    void aClientThatDisconnectsHoldsItsPermitUntilItsConnectHandlerHasReturned(String transport) {
        Live live = waiting();
        RawClient client =
                connect(live).send(RawClient.upgradeRequest("").replace("/socket/websocket", "/waiting/" + transport));
        Live.eventually().until(gate::hasQueuedThreads);
        client.resets();
        acceptsNoHandshake(live);
        gate.release();
        Live.eventually()
                .untilAsserted(() -> assertThat(live.endpoint.addresses()).isZero());
        assertThat(connect(live).send(RawClient.get("/health")).response().status())
                .isEqualTo(200);
    }

    @Test
    void aPollWithATokenOfNoEndpointHoldsItsPermitDuringItsConnectHandler() {
        Live live = waiting();
        RawClient client =
                connect(live).send(RawClient.get("/waiting/longpoll?vsn=2.0.0&token=poll.aaaaaaaaa." + "A".repeat(32)));
        Live.eventually().until(gate::hasQueuedThreads);
        acceptsNoHandshake(live);
        gate.release();
        assertThat(PollClient.Answer.of(client.response()).status()).isEqualTo(410);
    }

    private static void isRefused(RawClient client, int status) {
        RawClient.Response response = client.send(RawClient.upgradeRequest("")).response();
        assertThat(response.status()).isEqualTo(status);
        client.ends();
    }

    private void connectsEventually(Live live) {
        Live.eventually()
                .until(() -> connect(live)
                                .send(RawClient.upgradeRequest(""))
                                .response()
                                .status()
                        == 101);
    }
}
