package io.heliodor.transport.longpoll;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.endpoint.Live;
import io.heliodor.limit.Limits;
import io.heliodor.pubsub.PubSub;
import io.heliodor.session.Hub;
import io.heliodor.wire.PayloadCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The memory of polls that the endpoint of a client forwards to that of its session. */
class PollForwarderTests {
    private static final byte[] TEXT = "x".repeat(3 * PollPeers.MAX_PART / 2).getBytes(UTF_8);

    @AutoClose
    private final PubSub pubsub = PubSub.local();

    @AutoClose
    private final Hub owner = new Hub(pubsub, PayloadCodec.strict(), Limits.openInternet(), System::nanoTime);

    @AutoClose
    private final Hub hub = new Hub(pubsub, PayloadCodec.strict(), Limits.openInternet(), System::nanoTime);

    private final PollForwarder forwarder =
            new PollForwarder(hub, PollLimits.defaults(), new PollPeers(hub.endpoints()));
    private final PollWire.Session session = new PollWire.Session("token", "/socket");
    private final TestPoll poll = new TestPoll();

    /** The number of the request that came to the owner. */
    private final CompletableFuture<Long> number = new CompletableFuture<>();

    /** The reply of the owner to it. */
    private volatile int reply = PollPeers.YES;

    /** A poll of a client. */
    private static final class TestPoll implements Poll {
        private final CompletableFuture<Runnable> parked = new CompletableFuture<>();
        private final CompletableFuture<byte[]> answer = new CompletableFuture<>();
        private final CompletableFuture<Consumer<Boolean>> taken = new CompletableFuture<>();
        private final CompletableFuture<Boolean> sessionEnded = new CompletableFuture<>();

        @Override
        public void sessionEnded() {
            sessionEnded.complete(true);
        }

        @Override
        public void dropHead() {}

        @Override
        public void onDisconnect(Runnable task) {
            parked.complete(task);
        }

        @Override
        public void answer(byte[] json, Consumer<Boolean> then) {
            answer.complete(json);
            taken.complete(then);
        }
    }

    enum End {
        TAKEN,
        NOT_TAKEN,
        PART_OF_AN_ANSWER,
        SESSION_ENDED,
        CLIENT_DISCONNECTED,
        FRONT_CLOSED
    }

    @BeforeEach
    void handle() {
        new PollPeers(owner.endpoints()).handle(request -> {
            if (request instanceof PollWire.Poll(var _, var forwarded)) {
                number.complete(forwarded.number());
                return reply;
            }
            return PollPeers.YES;
        });
    }

    private void forward() {
        forwarder.poll(owner.endpoints().self(), session, poll);
    }

    private void answers(int status, byte[] text) {
        for (PollWire.Answer part : parts(status, text)) {
            assertThat(forwarder.take(part)).isEqualTo(PollPeers.YES);
        }
    }

    private List<PollWire.Answer> parts(int status, byte[] text) {
        List<PollWire.Answer> parts = new ArrayList<>();
        int from = 0;
        do {
            int to = Math.min(from + PollPeers.MAX_PART, text.length);
            byte[] part = new String(text, UTF_8).substring(from, to).getBytes(UTF_8);
            parts.add(new PollWire.Answer(number.join(), status, to == text.length, from, part));
            from = to;
        } while (from < text.length);
        return parts;
    }

    private void awaitUsed(long bytes) {
        Live.eventually()
                .untilAsserted(() ->
                        assertThat(hub.memory().used()).as("bytes that count").isEqualTo(bytes));
    }

    @ParameterizedTest
    @EnumSource
    void aForwardedPollAndItsAnswerCountUntilItsEnd(End end) {
        forward();
        Runnable disconnect = poll.parked.join();
        assertThat(hub.memory().used()).isEqualTo(PollPeers.WAIT_BYTES);
        switch (end) {
            case TAKEN, NOT_TAKEN -> {
                answers(200, TEXT);
                assertThat(poll.answer.join()).isEqualTo(TEXT);
                assertThat(hub.memory().used()).isEqualTo(PollPeers.WAIT_BYTES + TEXT.length);
                poll.taken.join().accept(end == End.TAKEN);
            }
            case PART_OF_AN_ANSWER -> {
                PollWire.Answer first = parts(200, TEXT).getFirst();
                assertThat(forwarder.take(first)).isEqualTo(PollPeers.YES);
                assertThat(hub.memory().used()).isEqualTo(PollPeers.WAIT_BYTES + first.text().length);
                disconnect.run();
            }
            case SESSION_ENDED -> {
                answers(410, new byte[0]);
                assertThat(poll.sessionEnded.join()).isTrue();
            }
            case CLIENT_DISCONNECTED -> disconnect.run();
            case FRONT_CLOSED -> forwarder.close();
        }
        awaitUsed(0);
        assertThat(forwarder.take(parts(200, TEXT).getFirst()))
                .as("a late part")
                .isEqualTo(PollPeers.NO);
        assertThat(hub.memory().used()).isZero();
    }

    @Test
    void aPollForASessionThatIsUnknownCountsNoLonger() {
        reply = PollPeers.NO;
        forward();
        assertThat(poll.sessionEnded.join()).isTrue();
        awaitUsed(0);
    }
}
