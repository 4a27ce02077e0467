package io.heliodor.endpoint;

import static io.heliodor.endpoint.PollClient.batch;
import static io.heliodor.endpoint.PollClient.echo;
import static io.heliodor.endpoint.PollClient.echoed;
import static io.heliodor.endpoint.PollClient.get;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.UnixOperatingSystemMXBean;
import io.heliodor.endpoint.PollClient.Answer;
import io.heliodor.limit.Limits;
import io.heliodor.transport.longpoll.PollLimits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** The session of a polling client between its requests, and its end. */
class LongPollSessionTests extends LiveTest {
    private static final String WAIT = "[\"1\",\"2\",\"room:a\",\"wait\",{}]";

    private static final PollLimits SHORT =
            PollLimits.defaults().window(Duration.ofMillis(200)).inactive(Duration.ofMinutes(1));

    private PollClient poller(Live live) {
        return poller(live, "");
    }

    private PollClient poller(Live live, String params) {
        return closing(PollClient.open(live, params)).joins("room:a");
    }

    @Test
    void theOlderOfTwoPollsIsAnsweredAtOnce() {
        Live live = start();
        RawClient second = closing(poller(live).parks());
        live.broadcasts("room:a", "x");
        assertThat(Answer.of(second.response()).messages()).containsExactly(Live.told("room:a", "x"));
    }

    @Test
    void messagesForAClientThatDisconnectedDuringItsPollAreKept() {
        Live live = start();
        PollClient client = poller(live);
        long before = descriptors();
        for (Consumer<RawClient> goes : List.<Consumer<RawClient>>of(RawClient::close, RawClient::resets)) {
            goes.accept(client.parks());
            Live.eventually().until(() -> descriptors() <= before);
            live.broadcasts("room:a", "x");
            assertThat(client.receives(1)).containsExactly(Live.told("room:a", "x"));
        }
    }

    @Test
    void aResponseThatWasNotReadIsSentToTheNextPollBeforeLaterMessages() {
        Live live = start(builder -> builder.limits(Limits.openInternet().memory(m -> m.maxConnectionBytes(64 << 20))));
        PollClient client = poller(live);
        RawClient deaf = RawClient.connect(live.endpoint, 4 << 10).send(get(client.token(), ""));
        String large = "x".repeat(16 << 20); // more than the buffers of both kernels take
        live.broadcasts("room:a", large);
        Live.eventually().until(() -> BuffersComeBack.pinned() > large.length() / 2);
        client.sendsPoll();
        live.broadcasts("room:a", "later");
        deaf.close();
        List<String> received = new ArrayList<>(client.answer().messages());
        received.addAll(client.receives(1));
        // Not printed: it is too large for that.
        assertThat(received.equals(List.of(Live.told("room:a", large), Live.told("room:a", "later"))))
                .isTrue();
    }

    @Test
    void aResponseThatIsTakenSlowlyIsReceivedOnce() throws IOException {
        Live live = start(builder -> slowLinks(builder));
        PollClient client = poller(live);
        RawClient slow = closing(slowPoll(client, live));
        live.broadcasts("room:a", LARGE);
        // Not printed: it is too large for that.
        assertThat(takesSlowly(slow, live).contains(LARGE)).isTrue();
        live.broadcasts("room:a", "later");
        assertThat(client.receives(1)).containsExactly(Live.told("room:a", "later"));
    }

    /** More than the buffers of both kernels take. */
    static final String LARGE = "x".repeat(16 << 20);

    static Endpoint.Builder slowLinks(Endpoint.Builder builder) {
        return builder.limits(Limits.openInternet()
                .sessions(s -> s.stallTimeout(Duration.ofSeconds(3)))
                .memory(m -> m.maxConnectionBytes(64 << 20)));
    }

    /** A poll whose client buffers little. */
    static RawClient slowPoll(PollClient client, Live live) {
        return RawClient.connect(live.endpoint, 64 << 10)
                .send(get(client.token(), "").replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
    }

    /** Reads a response with the large message over a time that is longer than the stall timeout, a part at a time. */
    static String takesSlowly(RawClient slow, Live live) throws IOException {
        InputStream in = slow.socket().getInputStream();
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        long begun = System.nanoTime();
        while (all.size() < LARGE.length()) {
            long due = LARGE.length()
                    * (System.nanoTime() - begun)
                    / Duration.ofSeconds(4).toNanos();
            if (all.size() < due) {
                byte[] part = in.readNBytes(64 << 10);
                assertThat(part).as("the response after %s bytes", all.size()).isNotEmpty();
                all.writeBytes(part);
            } else {
                // Another client is a clock: its answers take the time of a turn of the server.
                try (RawClient clock = RawClient.connect(live.endpoint)) {
                    assertThat(clock.send(RawClient.get("/health")).response().status())
                            .isEqualTo(200);
                }
            }
        }
        return all + slow.rest();
    }

    @Test
    void inputOfAClientDuringItsPollIsHeldUpToALimit() {
        Live live = start();
        PollClient client = poller(live).sendsPoll();
        CompletableFuture<Void> flood =
                CompletableFuture.runAsync(() -> client.polls().trySend(new byte[32 << 20]));
        RawClient other = open(live).joins("room:b");
        for (int i = 0; i < 500; i++) {
            other.echoes("room:b", String.valueOf(i));
        }
        assertThat(flood).isNotDone();
        assertThat(BuffersComeBack.pinned()).isLessThan(1 << 20);
        live.broadcasts("room:a", "x");
        assertThat(client.answer().messages()).containsExactly(Live.told("room:a", "x"));
        client.polls().close();
        assertThat(flood).succeedsWithin(Duration.ofMillis(RawClient.DEADLINE_MILLIS));
    }

    @Test
    void aRequestAfterAPollThatWaitsIsServedAfterIt() {
        Live live = start();
        PollClient client = poller(live).sendsPoll();
        client.polls().send(RawClient.get("/health"));
        live.broadcasts("room:a", "x");
        assertThat(client.answer().messages()).containsExactly(Live.told("room:a", "x"));
        assertThat(client.polls().response().body()).contains("\"up\"");
    }

    @Test
    void aSessionWithoutPollsEndsAfterItsTimeout() {
        Live live = start(builder -> builder.polls(PollLimits.defaults().inactive(Duration.ofSeconds(2))));
        PollClient client = poller(live);
        live.awaitCount("closed_idle", 1);
        live.awaitCount("connections", 0);
        client.isGone();
    }

    @Test
    void aSessionWithPostsAndWithoutPollsEndsAsWell() {
        Live live = start(builder -> builder.polls(PollLimits.defaults().inactive(Duration.ofSeconds(2))));
        PollClient client = poller(live);
        Live.eventually().until(() -> client.sends(echo("room:a", 2)) == 410);
        assertThat(live.count("closed_idle")).isEqualTo(1);
    }

    @Test
    void aPollThatWaitsKeepsItsSession() {
        Live live = start(builder -> builder.polls(PollLimits.defaults().inactive(Duration.ofSeconds(2))));
        PollClient client = poller(live).sendsPoll();
        poller(live);
        live.awaitCount("closed_idle", 1);
        poller(live);
        live.awaitCount("closed_idle", 2);
        live.broadcasts("room:a", "x");
        assertThat(client.answer().messages()).containsExactly(Live.told("room:a", "x"));
    }

    @Test
    void aClientThatOnlyPollsIsNotIdle() {
        Live live = start(builder ->
                builder.polls(SHORT).limits(Limits.openInternet().sessions(s -> s.idleTimeout(Duration.ofSeconds(3)))));
        PollClient client = poller(live);
        RawClient silent = open(live);
        while (live.count("closed_idle") == 0) {
            assertThat(client.poll().status()).isEqualTo(204);
        }
        silent.isClosedWith(1001);
        client.echoes("room:a", 3);
    }

    @Test
    void aDisconnectEndsTheWaitingPollAndTheSession() {
        Live live = start();
        PollClient client = poller(live, "&user_id=ann");
        RawClient parked = closing(client.parks());
        live.endpoint.channels().disconnect("users:ann");
        assertThat(Answer.of(parked.response()).status()).isEqualTo(204);
        client.isGone();
        live.awaitCount("channels", 0);
    }

    @Test
    void messagesBeforeTheEndAreDeliveredBeforeIt() {
        Live live = start();
        PollClient client = poller(live, "&user_id=ann");
        live.broadcasts("room:a", "goodbye");
        live.endpoint.channels().disconnect("users:ann");
        live.awaitCount("connections", 0);
        assertThat(client.sends(echo("room:a", 2))).isEqualTo(410);
        assertThat(client.receives(1)).containsExactly(Live.told("room:a", "goodbye"));
        client.isGone();
    }

    @Test
    void aDrainAnswersPollsAndOpensNoSession() {
        Live live = start();
        RawClient parked = closing(poller(live).parks());
        PollClient away = poller(live);
        live.endpoint.drain(Duration.ofMillis(100));
        assertThat(Answer.of(parked.response()).status()).isEqualTo(204);
        live.awaitCount("connections", 0);
        assertThat(away.sends(echo("room:a", 2))).isEqualTo(410);
        for (String request : new String[] {get(away.token(), ""), get("", "")}) {
            RawClient.Response response = connect(live).send(request).response();
            assertThat(response.status()).isEqualTo(503);
            assertThat(response.body()).isEmpty();
        }
    }

    @Test
    void aServerThatEndsAnswersPollsFirst() {
        Live live = start();
        RawClient parked = closing(poller(live).parks());
        live.close();
        assertThat(Answer.of(parked.response()).status()).isEqualTo(204);
        assertThat(parked.restInOrder()).isEmpty();
    }

    @Test
    void sessionsAreBounded() {
        Live live = start(builder -> builder.polls(PollLimits.defaults().sessions(1)));
        PollClient client = poller(live, "&user_id=ann");
        RawClient refused = connect(live).send(get("", ""));
        assertThat(refused.response().status()).isEqualTo(503);
        assertThat(live.count("refused_request")).isEqualTo(1);
        client.echoes("room:a", 2);
        live.endpoint.channels().disconnect("users:ann");
        live.awaitCount("connections", 0);
        client.isGone();
    }

    @Test
    void theAddressWithMostSessionsGivesWayToOneWithLess() {
        Live live = start(builder ->
                builder.trustedProxies("127.0.0.1").polls(PollLimits.defaults().sessions(3)));
        String first = Answer.of(opens(live, "192.0.2.1")).token();
        String second = Answer.of(opens(live, "192.0.2.1")).token();
        String third = Answer.of(opens(live, "192.0.2.1")).token();
        String other = Answer.of(opens(live, "192.0.2.2")).token();
        live.awaitCount("closed_overloaded", 1);
        live.awaitCount("connections", 3);
        assertThat(opens(live, "192.0.2.1").status()).isEqualTo(503);
        assertThat(live.count("refused_request")).isEqualTo(1);
        for (String token : List.of(second, third, other)) {
            assertThat(posts(live, token)).isEqualTo(200);
        }
        assertThat(posts(live, first)).as("the oldest session of the address").isEqualTo(410);
    }

    private int posts(Live live, String token) {
        return Answer.of(connect(live).send(batch(token, echo("room:a", 2))).response())
                .status();
    }

    private RawClient.Response opens(Live live, String address) {
        return connect(live)
                .send(get("", "").replace("\r\n\r\n", "\r\nX-Forwarded-For: " + address + "\r\n\r\n"))
                .response();
    }

    @Test
    void aClientThatDoesNotPollIsClosedAtTheLimitOfItsBytes() {
        int bound = 100_000;
        Live live = start(builder -> builder.limits(Limits.openInternet().memory(m -> m.maxConnectionBytes(bound))));
        withHealthyClient(live);
        PollClient client = poller(live);
        String text = "x".repeat(1_000);
        int sent = 0;
        while (live.count("closed_slow") == 0) {
            assertThat(sent++).isLessThan(10_000);
            live.broadcasts("room:a", text);
        }
        assertThat(sent).isGreaterThan(bound / 1_100);
        live.awaitCount("channels", 1);
        int received = 0;
        for (Answer answer = client.poll(); answer.status() == 200; answer = client.poll()) {
            assertThat(answer.messages()).containsOnly(Live.told("room:a", text));
            received += answer.messages().size();
        }
        assertThat(received).isLessThan(sent);
        client.isGone();
    }

    @Test
    void messagesForSeveralResponsesAreDeliveredInOrder() {
        Live live = start();
        PollClient client = poller(live);
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            String text = i + " " + "x".repeat(4_000);
            live.broadcasts("room:a", text);
            expected.add(Live.told("room:a", text));
        }
        assertThat(client.receives(200)).isEqualTo(expected);
    }

    @Test
    void oneLargeMessageClosesNoClient() {
        Live live = start(builder -> builder.limits(Limits.openInternet().memory(m -> m.maxConnectionBytes(1 << 10))));
        PollClient client = poller(live);
        String text = "x".repeat(4 << 20);
        for (int i = 0; i < 2; i++) {
            live.broadcasts("room:a", text);
            assertThat(client.receives(1).equals(List.of(Live.told("room:a", text))))
                    .isTrue();
        }
    }

    @Test
    void aPostIsAnsweredWhenTheMailboxHasRoomForAllOfIt() {
        Live live = start(builder -> builder.limits(
                Limits.openInternet().sessions(s -> s.maxMailboxMessages(1).mailboxTimeout(Duration.ofMinutes(1)))));
        PollClient client = poller(live);
        client.posts().send(batch(client.token(), WAIT, echo("room:a", 3), echo("room:a", 4), echo("room:a", 5)));
        Live.eventually().until(live.gate::hasQueuedThreads);
        live.gate.release();
        assertThat(Answer.of(client.posts().response()).status()).isEqualTo(200);
        assertThat(client.receives(4))
                .containsExactly(
                        RawClient.ok("2", "room:a", "{}"),
                        echoed("room:a", 3),
                        echoed("room:a", 4),
                        echoed("room:a", 5));
    }

    @Test
    void aPostWithoutRoomInItsWindowIsRefusedAndSoAreThoseAfterIt() {
        Live live = start(builder -> builder.polls(SHORT)
                .limits(Limits.openInternet()
                        .sessions(s -> s.maxMailboxMessages(1).mailboxTimeout(Duration.ofMinutes(1)))));
        withHealthyClient(live);
        PollClient client = poller(live);
        client.posts().send(batch(client.token(), WAIT, echo("room:a", 3), echo("room:a", 4)));
        Live.eventually().until(live.gate::hasQueuedThreads);
        RawClient other = connect(live).send(batch(client.token(), echo("room:a", 5)));
        assertThat(Answer.of(client.posts().response()).status()).isEqualTo(408);
        assertThat(Answer.of(other.response()).status()).isEqualTo(408);

        live.gate.release();
        assertThat(client.receives(2)).containsExactly(RawClient.ok("2", "room:a", "{}"), echoed("room:a", 3));
        client.echoes("room:a", 6);
    }

    @Test
    void manyPostsThatWaitAreRefused() {
        Live live = start(builder -> builder.limits(
                Limits.openInternet().sessions(s -> s.maxMailboxMessages(1).mailboxTimeout(Duration.ofMinutes(1)))));
        PollClient client = poller(live);
        List<RawClient> posts = new ArrayList<>();
        client.posts().send(batch(client.token(), WAIT, echo("room:a", 3)));
        Live.eventually().until(live.gate::hasQueuedThreads);
        for (int i = 0; i < 20; i++) {
            posts.add(connect(live).send(batch(client.token(), echo("room:a", 100 + i))));
        }
        live.awaitCount("refused_request", 5);
        live.gate.release();
        assertThat(posts.stream()
                        .map(each -> Answer.of(each.response()).status())
                        .filter(status -> status == 200))
                .hasSize(15);
    }

    @Test
    void aSessionThatEndsAnswersThePostsThatWait() {
        Live live = start(builder -> builder.limits(
                Limits.openInternet().sessions(s -> s.maxMailboxMessages(1).mailboxTimeout(Duration.ofMinutes(1)))));
        PollClient client = poller(live, "&user_id=ann");
        client.posts().send(batch(client.token(), WAIT, echo("room:a", 3), echo("room:a", 4)));
        Live.eventually().until(live.gate::hasQueuedThreads);
        live.endpoint.channels().disconnect("users:ann");
        assertThat(Answer.of(client.posts().response()).status()).isEqualTo(410);
    }

    static long descriptors() {
        return ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getOpenFileDescriptorCount();
    }
}
