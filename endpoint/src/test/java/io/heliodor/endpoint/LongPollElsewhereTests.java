package io.heliodor.endpoint;

import static io.heliodor.endpoint.PollClient.batch;
import static io.heliodor.endpoint.PollClient.echo;
import static io.heliodor.endpoint.PollClient.echoed;
import static io.heliodor.endpoint.PollClient.get;
import static io.heliodor.endpoint.PollClient.post;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.endpoint.PollClient.Answer;
import io.heliodor.limit.Limits;
import io.heliodor.pubsub.PubSub;
import io.heliodor.transport.longpoll.PollLimits;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Polling clients whose requests come to an endpoint that does not have their session. */
class LongPollElsewhereTests extends LiveTest {
    private static final String WAIT = "[\"1\",\"2\",\"room:a\",\"wait\",{}]";

    @AutoClose
    private final PubSub pubsub = PubSub.local();

    private Live owner;
    private Live front;

    private void startBoth(UnaryOperator<Endpoint.Builder> change) {
        owner = start(builder -> change.apply(builder.pubsub(pubsub)));
        front = start(builder -> change.apply(builder.pubsub(pubsub)));
    }

    private void startBoth() {
        startBoth(builder -> builder);
    }

    /** A client with a session at the owner, whose requests come to the front from now on. */
    private PollClient client() {
        PollClient first = closing(PollClient.open(owner));
        return closing(first.at(front)).joins("room:a");
    }

    @Test
    void aSessionIsServedAtAnyEndpoint() {
        startBoth();
        PollClient there = client();
        PollClient here = closing(there.at(owner));
        there.echoes("room:a", 3);
        here.echoes("room:a", 4);
        assertThat(there.sends(echo("room:a", 5))).isEqualTo(200);
        assertThat(here.receives(1)).containsExactly(echoed("room:a", 5));
        front.broadcasts("room:a", "x");
        assertThat(there.receives(1)).containsExactly(Live.told("room:a", "x"));
        assertThat(owner.count("connections")).isEqualTo(1);
        assertThat(front.count("connections")).isZero();
        assertThat(front.count("polls_forwarded")).isPositive();
        assertThat(owner.count("polls_forwarded")).isZero();
    }

    @Test
    void theOlderOfTwoPollsIsAnsweredAtOnceAtAnyEndpoint() {
        startBoth();
        PollClient there = client();
        RawClient parked = closing(there.parks());
        PollClient here = closing(there.at(owner)).sendsPoll();
        assertThat(Answer.of(parked.response()).status()).isEqualTo(204);
        there.sendsPoll();
        assertThat(here.answer().status()).isEqualTo(204);
        owner.broadcasts("room:a", "x");
        assertThat(there.answer().messages()).containsExactly(Live.told("room:a", "x"));
    }

    @Test
    void messagesForAClientThatDisconnectedDuringItsPollAreKept() {
        startBoth();
        PollClient client = client();
        long before = LongPollSessionTests.descriptors();
        for (int i = 0; i < 20; i++) {
            RawClient parked = client.parks();
            if (i % 2 == 0) {
                parked.close();
            } else {
                parked.resets();
            }
            // The front has detected the disconnect; the owner is notified later, or by the result of its response.
            Live.eventually().until(() -> LongPollSessionTests.descriptors() <= before);
            owner.broadcasts("room:a", "" + i);
            assertThat(client.receives(1)).containsExactly(Live.told("room:a", "" + i));
        }
    }

    @Test
    void aResponseThatWasNotReadIsSentToTheNextPollBeforeLaterMessages() {
        startBoth(builder -> builder.limits(Limits.openInternet().memory(m -> m.maxConnectionBytes(64 << 20))));
        PollClient client = client();
        RawClient deaf = RawClient.connect(front.endpoint, 4 << 10).send(get(client.token(), ""));
        String large = "x".repeat(16 << 20); // more than the buffers of both kernels take
        owner.broadcasts("room:a", large);
        Live.eventually().until(() -> BuffersComeBack.pinned() > large.length() / 2);
        client.sendsPoll();
        owner.broadcasts("room:a", "later");
        deaf.close();
        List<String> received = new ArrayList<>(client.answer().messages());
        received.addAll(client.receives(1));
        // Not printed: it is too large for that.
        assertThat(received.equals(List.of(Live.told("room:a", large), Live.told("room:a", "later"))))
                .isTrue();
    }

    @Test
    void aResponseThatIsTakenSlowlyIsReceivedOnceAtAnyEndpoint() throws IOException {
        startBoth(LongPollSessionTests::slowLinks);
        PollClient client = client();
        RawClient slow = closing(LongPollSessionTests.slowPoll(client, front));
        owner.broadcasts("room:a", LongPollSessionTests.LARGE);
        // Not printed: it is too large for that.
        assertThat(LongPollSessionTests.takesSlowly(slow, front).contains(LongPollSessionTests.LARGE))
                .isTrue();
        owner.broadcasts("room:a", "later");
        assertThat(client.receives(1)).containsExactly(Live.told("room:a", "later"));
    }

    @Test
    void theBodyOfAPostKeepsItsSessionAtAnotherEndpoint() {
        startBoth(builder -> builder.polls(
                PollLimits.defaults().window(Duration.ofMillis(10)).inactive(Duration.ofSeconds(2))));
        PollClient client = client();
        String frame = echo("room:a", 2);
        String head = "POST /socket/longpoll?vsn=2.0.0&token=" + client.token() + " HTTP/1.1\r\nHost: localhost\r\n"
                + "Content-Type: application/x-ndjson\r\nContent-Length: 10000\r\n\r\n";
        RawClient slow = connect(front).send(head);
        long begun = System.nanoTime();
        int sent = 0;
        while (System.nanoTime() - begun < Duration.ofSeconds(3).toNanos() && sent < 9_000) {
            // Another client is a clock: its answers take the time of a turn of the server.
            assertThat(connect(front).send(RawClient.get("/health")).response().status())
                    .isEqualTo(200);
            slow.send("\n");
            sent++;
        }
        slow.send("\n".repeat(10_000 - sent - frame.length()) + frame);
        assertThat(Answer.of(slow.response()).status()).isEqualTo(200);
        assertThat(client.receives(1)).containsExactly(echoed("room:a", 2));
    }

    @Test
    void aClientThatOnlyPostsElsewhereLosesItsSession() {
        startBoth(builder -> builder.polls(
                PollLimits.defaults().window(Duration.ofMillis(10)).inactive(Duration.ofSeconds(1))));
        PollClient client = client();
        Live.eventually().until(() -> client.sends(echo("room:a", 2)) == 410);
        assertThat(client.poll().status()).isEqualTo(410);
    }

    @Test
    void aTokenOfAnEndpointThatEndedGetsANewSession() {
        startBoth();
        PollClient client = client();
        owner.close();
        client.isGone();
    }

    @Test
    void aTokenThatIsUnknownToTheOwnerGetsANewSession() {
        startBoth();
        PollClient client = client();
        String forged = client.token().substring(0, client.token().length() - 32) + "A".repeat(32);
        Answer answer = Answer.of(connect(front).send(get(forged, "")).response());
        assertThat(answer.status()).isEqualTo(410);
        assertThat(answer.token()).isNotEqualTo(forged);
        assertThat(Answer.of(connect(front).send(batch(forged, "[]")).response())
                        .status())
                .isEqualTo(410);
    }

    @Test
    void aSessionThatEndsAnswersThePollThatWaitsElsewhere() {
        startBoth();
        PollClient client =
                closing(PollClient.open(owner, "&user_id=ann").at(front)).joins("room:a");
        RawClient parked = closing(client.parks());
        front.endpoint.channels().disconnect("users:ann");
        assertThat(Answer.of(parked.response()).status()).isEqualTo(204);
        client.isGone();
    }

    @Test
    void aFrontThatEndsAnswersThePollsThatWaitElsewhere() {
        startBoth();
        PollClient client = client();
        RawClient parked = closing(client.parks());
        front.close();
        assertThat(Answer.of(parked.response()).status()).isEqualTo(204);
        PollClient here = closing(client.at(owner));
        owner.broadcasts("room:a", "x");
        assertThat(here.receives(1)).containsExactly(Live.told("room:a", "x"));
    }

    @Test
    void aLargeBatchIsHandledInOrder() {
        startBoth();
        PollClient client = client();
        String[] lines = IntStream.range(10, 60)
                .mapToObj(i -> "[\"1\",\"" + i + "\",\"room:a\",\"echo\",{\"n\":" + i + ",\"x\":\"" + "x".repeat(50_000)
                        + "\"}]")
                .toArray(String[]::new);
        CompletableFuture<Integer> status = CompletableFuture.supplyAsync(() -> client.sends(lines));
        List<String> received = client.receives(50);
        assertThat(status.join()).isEqualTo(200);
        for (int i = 10; i < 60; i++) {
            assertThat(received.get(i - 10)).startsWith("[\"1\",\"" + i + "\"");
        }
    }

    @Test
    void aPostWithoutMessagesIsAnsweredAtOnce() {
        startBoth();
        PollClient client = client();
        for (String length : List.of("Content-Length: 0\r\n", "")) {
            client.posts()
                    .send("POST /socket/longpoll?vsn=2.0.0&token=" + client.token() + " HTTP/1.1\r\nHost: localhost\r\n"
                            + length + "\r\n");
            assertThat(Answer.of(client.posts().response()).status()).isEqualTo(200);
        }
        client.echoes("room:a", 2);
    }

    @Test
    void aMessageThatIsTooLargeToForwardIsRefused() {
        startBoth(builder -> builder.limits(Limits.openInternet().sessions(s -> s.maxMessageBytes(6 << 20))));
        PollClient client = client();
        byte[] body = ("[\"1\",\"2\",\"room:a\",\"echo\",{\"x\":\"" + "x".repeat(4 << 20) + "\"}]").getBytes(UTF_8);
        RawClient.Response refused =
                connect(front).send(post(client.token(), "", body)).response();
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.body()).contains("too large for the way");
        assertThat(Answer.of(connect(owner).send(post(client.token(), "", body)).response())
                        .status())
                .isEqualTo(200);
    }

    @Test
    void aPostThatArrivesWithAFinIsHandled() {
        startBoth();
        PollClient client = client();
        RawClient watcher = open(owner).joins("room:a");
        for (int i = 0; i < 50; i++) {
            String shout = "[\"1\",null,\"room:a\",\"shout\",{\"n\":" + i + "}]";
            connect(front).send(batch(client.token(), shout)).endsOutput();
            watcher.receives("[null,null,\"room:a\",\"shout\",{\"n\":" + i + "}]");
        }
    }

    @Test
    void aPostWithoutRoomInItsWindowIsRefusedAtAnyEndpoint() {
        startBoth(builder -> builder.limits(Limits.openInternet()
                        .sessions(s -> s.maxMailboxMessages(1).mailboxTimeout(Duration.ofMinutes(1))))
                .polls(PollLimits.defaults().window(Duration.ofMillis(200)).inactive(Duration.ofMinutes(1))));
        PollClient client = client();
        client.posts().send(batch(client.token(), WAIT, echo("room:a", 3), echo("room:a", 4)));
        Live.eventually().until(owner.gate::hasQueuedThreads);
        assertThat(Answer.of(client.posts().response()).status()).isEqualTo(408);
        owner.gate.release();
        assertThat(client.receives(2)).containsExactly(RawClient.ok("2", "room:a", "{}"), echoed("room:a", 3));
        client.echoes("room:a", 6);
    }
}
