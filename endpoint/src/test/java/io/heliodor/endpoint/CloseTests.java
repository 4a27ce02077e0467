package io.heliodor.endpoint;

import static io.heliodor.transport.frame.ClientFrames.FIN;
import static io.heliodor.transport.frame.ClientFrames.binary;
import static io.heliodor.transport.frame.ClientFrames.bytes;
import static io.heliodor.transport.frame.ClientFrames.concat;
import static io.heliodor.transport.frame.ClientFrames.frame;
import static io.heliodor.transport.frame.ClientFrames.ping;
import static io.heliodor.transport.frame.ClientFrames.text;
import static io.heliodor.transport.frame.ClientFrames.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Empty;
import io.heliodor.fixtures.RecordedLog;
import io.heliodor.limit.Limits;
import io.heliodor.transport.frame.ClientFrames;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.event.Level;

/** Ends of connections: the codes that a client sees, the counters, and the close handshake from either side. */
class CloseTests extends LiveTest {
    private static final int TEXT = 1;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;

    @Test
    void framesBeforeAProtocolErrorInTheSameReadAreAnswered() {
        Live live = start();
        RawClient client = open(live).joins("room:a");
        client.send(concat(ping("1"), bytes(FIN | TEXT, 0)));
        client.receives("pong 1");
        client.isClosedWith(1002);
    }

    @Test
    void callsBeforeAProtocolErrorGetTheirRepliesBeforeTheClose() {
        Live live = start();
        RawClient client = open(live).joins("room:a");
        byte[] late = text("[\"1\",\"4\",\"room:a\",\"echo\",{\"text\":\"late\"}]");
        client.send(concat(
                text("[\"1\",\"2\",\"room:a\",\"echo\",{\"text\":\"a\"}]"),
                text("[\"1\",\"3\",\"room:a\",\"wait\",{}]"),
                frame(FIN | 3, utf8("a reserved opcode")),
                late));
        assertThat(client.next().text()).contains("\"2\"", "\"a\"");
        client.send(late); // is not read any more
        live.gate.release();
        assertThat(client.next().text()).contains("\"3\"", "\"ok\"");
        client.isClosedWith(1002);
    }

    @Test
    void callsInThePacketOfAMessageThatIsTooLargeGetTheirReplies() {
        Live live = start(builder -> builder.limits(Limits.openInternet().sessions(s -> s.maxMessageBytes(1 << 10))));
        RawClient client = open(live).joins("room:a");
        byte[][] packet = new byte[21][];
        for (int i = 0; i < 20; i++) {
            packet[i] = text("[\"1\",\"c" + i + "\",\"room:a\",\"echo\",{\"n\":" + i + "}]");
        }
        packet[20] = text("x".repeat(2_000));
        client.send(concat(packet));
        for (int i = 0; i < 20; i++) {
            client.receives(RawClient.ok("c" + i, "room:a", "{\"n\":" + i + "}"));
        }
        client.isClosedWith(1009);
        assertThat(RecordedLog.lines(Level.WARN, "is closed with 1009: message over 1024 bytes"))
                .hasSize(1);
    }

    /** As of a page that is left: each message waits for the join of its payload, and the connection ends. */
    @Test
    void messagesBetweenJoinsInThePacketOfTheCloseAreBroadcast() {
        Live live = start();
        RawClient observer = open(live).joins("room:a");
        for (int i = 0; i < 100; i++) {
            RawClient client = open(live).joins("room:a");
            client.send(concat(
                    text("[\"2\",\"2\",\"room:a\",\"phx_join\",{\"user\":\"one\"}]"),
                    text("[\"2\",\"3\",\"room:a\",\"shout\",{\"word\":\"one\"}]"),
                    text("[\"4\",\"4\",\"room:a\",\"phx_join\",{\"user\":\"two\"}]"),
                    text("[\"4\",\"5\",\"room:a\",\"shout\",{\"word\":\"two\"}]"),
                    i % 2 == 0 ? ClientFrames.close(1000, "") : bytes()));
            client.close();
            assertThat(observer.next().text()).contains("\"one\"");
            assertThat(observer.next().text()).contains("\"two\"");
        }
    }

    @Test
    void aPingIsAnsweredWithItsPayload() {
        RawClient client = open(start());
        client.send(ping("hello")).receives("pong hello");
        client.send(ping("")).receives("pong ");
        client.send(ping("p".repeat(125))).receives("pong " + "p".repeat(125));
    }

    @Test
    void anUnsolicitedPongIsIgnored() {
        RawClient client = open(start()).joins("room:a");
        client.send(frame(FIN | 10, utf8("x"))).echoes("room:a", "2");
    }

    @Test
    void aSilentClientIsClosedWith1001() {
        Live live = start(
                builder -> builder.limits(Limits.openInternet().sessions(s -> s.idleTimeout(Duration.ofSeconds(2)))));
        open(live).joins("room:a").isClosedWith(1001);
        assertThat(live.count("closed_idle")).isEqualTo(1);
        assertThat(live.count("channels")).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {TEXT, BINARY, PING, 10})
    void framesOfAnyTypeKeepAClientConnected(int opcode) {
        Live live = start(
                builder -> builder.limits(Limits.openInternet().sessions(s -> s.idleTimeout(Duration.ofSeconds(3)))));
        RawClient silent = open(live);
        RawClient active = open(live);
        byte[] sign = opcode == TEXT
                ? text("[null,\"1\",\"phoenix\",\"heartbeat\",{}]")
                : opcode == BINARY
                        ? binary(concat(bytes(0, 0, 1, 7, 9), utf8("1phoenixheartbeat")))
                        : frame(FIN | opcode, bytes());
        Live.eventually().pollInterval(Duration.ofMillis(100)).until(() -> {
            active.send(sign);
            return live.count("closed_idle") == 1;
        });
        silent.isClosedWith(1001);
        active.send(ClientFrames.close(1000, "")).isClosedWith(1000);
    }

    @Test
    void disconnectByIdClosesAllConnectionsOfTheIdWith1001() {
        Live live = start();
        RawClient one = closing(RawClient.open(live.endpoint, "&user_id=ann")).joins("room:a");
        RawClient two = closing(RawClient.open(live.endpoint, "&user_id=ann"));
        RawClient other = closing(RawClient.open(live.endpoint, "&user_id=bo")).joins("room:a");
        live.awaitCount("connections", 3);

        live.endpoint.channels().disconnect("users:ann");

        one.isClosedWith(1001);
        two.isClosedWith(1001);
        other.echoes("room:a", "2");
        assertThat(live.count("connections")).isEqualTo(1);
        assertThat(live.count("channels")).isEqualTo(1);
        live.endpoint.channels().disconnect("users:nobody");
        other.echoes("room:a", "3");
    }

    /** A server whose connect handler waits in {@code /slow} for a permit of the gate, and accepts clients as ann. */
    private Live acceptingSlowly(Semaphore gate) {
        return start(builder -> builder.socket(
                "/slow",
                UserSocket.<Object>connect(connect -> {
                            gate.acquire();
                            return Connect.ok(Empty.EMPTY, "users:ann");
                        })
                        .channel("room:*", Channel.join(join -> Join.ok("")).build())
                        .build()));
    }

    @Test
    void aClientWhoseIdIsDisconnectedWhileItIsAcceptedIsClosedWith1001() {
        var gate = new Semaphore(0);
        Live live = acceptingSlowly(gate);
        RawClient client = connect(live).send(RawClient.upgradeRequest("").replace("/socket/", "/slow/"));
        Live.eventually().until(gate::hasQueuedThreads);
        live.endpoint.channels().disconnect("users:ann");
        gate.release();
        client.upgraded().isClosedWith(1001);
        assertThat(live.count("closed_disconnected")).isEqualTo(1);
        live.awaitCount("connections", 0);

        gate.release();
        RawClient again = connect(live).send(RawClient.upgradeRequest("").replace("/socket/", "/slow/"));
        again.upgraded().joins("room:a").send(ping("still here")).receives("pong still here");
    }

    @Test
    void aPollingClientWhoseIdIsDisconnectedWhileItIsAcceptedLosesItsSession() {
        var gate = new Semaphore(0);
        Live live = acceptingSlowly(gate);
        RawClient client = connect(live).send(PollClient.get("", "").replace("/socket/", "/slow/"));
        Live.eventually().until(gate::hasQueuedThreads);
        live.endpoint.channels().disconnect("users:ann");
        gate.release();
        String token = PollClient.Answer.of(client.response()).token();
        live.awaitCount("closed_disconnected", 1);
        gate.release();
        client.send(PollClient.get(token, "").replace("/socket/", "/slow/"));
        PollClient.Answer again = PollClient.Answer.of(client.response());
        assertThat(again.status()).isEqualTo(410);
        assertThat(again.token()).isNotEqualTo(token);
        assertThat(live.count("connections")).isEqualTo(1);
    }

    @Test
    void aMailboxThatStaysFullIsClosedWith1008() {
        Live live = start(builder -> builder.limits(
                Limits.openInternet().sessions(s -> s.maxMailboxMessages(3).mailboxTimeout(Duration.ofMillis(200)))));
        withHealthyClient(live);
        RawClient client = open(live).joins("room:a");
        for (int i = 0; i < 100; i++) {
            client.sends("[\"1\",\"" + i + "\",\"room:a\",\"wait\",{}]");
        }
        client.isClosedWith(1008);
        assertThat(live.count("closed_mailbox_full")).isEqualTo(1);
        assertThat(RecordedLog.lines(Level.WARN, "the handler of 'wait' on room:a"))
                .hasSize(1);
        // The handler was interrupted: no thread waits at the gate.
        Live.eventually().until(() -> live.gate.getQueueLength() == 0);
    }

    @Test
    void aMailboxThatIsFullForAWhileOnlyPausesTheConnection() {
        Live live = start(builder -> builder.limits(
                Limits.openInternet().sessions(s -> s.maxMailboxMessages(2).mailboxTimeout(Duration.ofMinutes(1)))));
        RawClient client = open(live).joins("room:a");
        StringBuilder frames = new StringBuilder();
        byte[][] all = new byte[51][];
        all[0] = text("[\"1\",\"w\",\"room:a\",\"wait\",{}]");
        for (int i = 1; i <= 50; i++) {
            all[i] = i % 7 == 0 ? ping("p" + i) : text("[\"1\",\"" + i + "\",\"room:a\",\"echo\",{\"n\":" + i + "}]");
        }
        // In one write, so that the pause comes in the middle of a buffer, before the rest.
        client.send(concat(all)).send(concat(text("[\"1\",\"last\",\"room:a\",\"echo\",{}]"), ping("end")));
        Live.eventually().until(() -> live.gate.hasQueuedThreads());
        assertThat(live.count("frames_in")).isBetween(3L, 5L);

        live.gate.release();

        client.receives(RawClient.ok("w", "room:a", "{}"));
        StringBuilder got = new StringBuilder();
        for (int i = 1; i <= 50; i++) {
            frames.append(i % 7 == 0 ? "" : i + " ");
        }
        String last = RawClient.ok("last", "room:a", "{}");
        for (String frame = client.next().toString();
                !frame.equals(last);
                frame = client.next().toString()) {
            if (!frame.startsWith("pong")) {
                got.append(frame.replaceAll(".*\"n\":(\\d+).*", "$1")).append(' ');
            }
        }
        assertThat(got).hasToString(frames.toString());
        assertThat(live.count("closed_mailbox_full")).isZero();
    }

    @Test
    void theDisconnectOfAClientThatIsNotReadIsDetectedWhenReadingResumes() {
        Live live = start(builder -> builder.limits(
                Limits.openInternet().sessions(s -> s.maxMailboxMessages(1).mailboxTimeout(Duration.ofMinutes(1)))));
        RawClient client = open(live).joins("room:a");
        for (int i = 0; i < 20; i++) {
            client.sends("[\"1\",\"" + i + "\",\"room:a\",\"wait\",{}]");
        }
        Live.eventually().until(() -> live.gate.hasQueuedThreads());
        client.resets();
        live.gate.release(100);
        live.awaitCount("connections", 0);
        live.awaitCount("channels", 0);
    }

    // The close handshake.

    @ParameterizedTest
    @ValueSource(ints = {1000, 1001, 3000, 4999})
    void aCloseOfTheClientIsAnsweredWithItsCode(int code) {
        Live live = start();
        RawClient client = open(live).joins("room:a");
        client.send(ClientFrames.close(code, "bye")).receives("close " + code);
        assertThat(client.restInOrder()).isEmpty();
        live.awaitCount("connections", 0);
        live.awaitCount("channels", 0);
    }

    @Test
    void aCloseWithoutCodeIsAnsweredWithoutCode() {
        RawClient client = open(start());
        client.send(frame(FIN | CLOSE, bytes())).receives("close 1005");
        assertThat(client.restInOrder()).isEmpty();
    }

    @Test
    void framesAfterACloseAreNotRead() {
        Live live = start();
        RawClient client = open(live);
        client.send(concat(ClientFrames.close(1000, ""), ping("late"), bytes(0xff, 0xff)));
        client.receives("close 1000");
        client.ends();
        assertThat(live.count("closed_protocol")).isZero();
    }

    @Test
    void aClientThatAnswersACloseSeesAnOrderlyEnd() {
        Live live = start();
        RawClient client = closing(RawClient.open(live.endpoint, "&user_id=ann"));
        live.awaitCount("connections", 1);
        live.endpoint.channels().disconnect("users:ann");
        client.receives("close 1001");
        client.trySend(ClientFrames.close(1001, ""));
        assertThat(client.restInOrder()).isEmpty();
    }

    @Test
    void aClientThatGoesOnSendingStillSeesTheCloseFrame() {
        Live live = start();
        RawClient client =
                closing(RawClient.open(live.endpoint, "&user_id=ann")).joins("room:a");
        live.endpoint.channels().disconnect("users:ann");
        for (int i = 0; i < 200; i++) {
            client.trySend(text("[\"1\",\"2\",\"room:a\",\"echo\",{\"x\":\"" + "x".repeat(1_000) + "\"}]"));
        }
        client.isClosedInOrderWith(1001);
    }

    @Test
    void aClientThatNeverAnswersACloseIsCutAfterASecond() {
        Live live = start();
        RawClient client = closing(RawClient.open(live.endpoint, "&user_id=ann"));
        live.awaitCount("connections", 1);
        live.endpoint.channels().disconnect("users:ann");
        client.receives("close 1001");
        // The client reads the end of the stream at once. Only its writes show that the server has closed the socket.
        Live.eventually().pollInterval(Duration.ofMillis(50)).until(() -> !client.canSend());
    }

    @Test
    void aClientThatEndsItsOutputIsDisconnected() {
        Live live = start();
        RawClient client = open(live).joins("room:a").endsOutput();
        client.ends();
        live.awaitCount("connections", 0);
        live.awaitCount("channels", 0);
    }

    @Test
    void aResetEndsTheConnection() {
        Live live = start();
        withHealthyClient(live);
        open(live).joins("room:a").resets();
        live.awaitCount("connections", 1);
        live.awaitCount("channels", 1);
        assertThat(RecordedLog.lines(Level.WARN, "")).isEmpty();
        assertThat(RecordedLog.lines(Level.ERROR, "")).isEmpty();
    }

    // Clients that do not wait.

    @Test
    void framesRightAfterTheUpgradeRequestAreRead() {
        Live live = start();
        RawClient client = connect(live);
        client.send(concat(
                utf8(RawClient.upgradeRequest("")),
                text("[\"1\",\"1\",\"room:a\",\"phx_join\",{}]"),
                text("[\"1\",\"2\",\"room:a\",\"echo\",{\"n\":\"\\n\"}]"),
                ping("\n\r\n\r\n")));
        client.upgraded();
        assertThat(Stream.generate(client::next).limit(3).map(Object::toString))
                .containsExactlyInAnyOrder(
                        RawClient.ok("1", "room:a", "{}"),
                        RawClient.ok("2", "room:a", "{\"n\":\"\\n\"}"),
                        "pong \n\r\n\r\n");
        client.echoes("room:a", "3");
    }

    @Test
    void aFrameCutAnywhereAfterTheUpgradeRequestIsRead() {
        Live live = start();
        byte[] all = concat(
                utf8(RawClient.upgradeRequest("")), text("[\"1\",\"1\",\"room:a\",\"phx_join\",{}]"), ping("\n"));
        int request = RawClient.upgradeRequest("").length();
        for (int cut = request - 3; cut < all.length; cut += 3) {
            RawClient client = connect(live);
            client.send(Arrays.copyOf(all, cut));
            client.send(Arrays.copyOfRange(all, cut, all.length)).upgraded();
            assertThat(Stream.generate(client::next).limit(2).map(Object::toString))
                    .containsExactlyInAnyOrder(RawClient.ok("1", "room:a", "{}"), "pong \n");
        }
    }

    @Test
    void framesAfterARefusedUpgradeAreDropped() {
        Live live = start();
        RawClient client = connect(live);
        client.send(concat(utf8(RawClient.upgradeRequest("&token=deny")), ping("x"), bytes(0xff, 0xff)));
        assertThat(client.response().status()).isEqualTo(403);
        assertThat(client.restInOrder()).isEmpty();
    }
}
