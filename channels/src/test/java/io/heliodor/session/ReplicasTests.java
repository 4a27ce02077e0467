package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliodor.channel.Channel;
import io.heliodor.channel.History;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.limit.Limits;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.engine.ClusterPubSub;
import io.heliodor.session.fanout.Replicas;
import io.heliodor.wire.PayloadCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class ReplicasTests {
    private static final String NAME = "heliodor.channels/history";

    /** The topic "room:1" with its length. */
    private static final String ROOM = "0006726f6f6d3a31";

    /** The questions of this node: for a log, for the next log, for topics that differ, for a copy. */
    private static final String QUESTIONS = """
            0100000006726f6f6d3a3101000000000000000000086140686f73742337000000010000000000000000000000000000\
            000000
            0100010006726f6f6d3a3101000000000000000000086140686f73742337000000010000000000000000000000000000\
            000000
            010100010006726f6f6d3a3100000000
            010200010006726f6f6d3a31
            """;

    private final RecordedTransport carrier = new RecordedTransport("heliodor.channels", "heliodor.copies");

    @AutoClose
    private final PubSub pubsub = ClusterPubSub.over(carrier);

    @AutoClose
    private final Hub hub = new Hub(pubsub, PayloadCodec.strict(), Limits.openInternet(), System::nanoTime);

    ReplicasTests() {
        hub.serve(Hub.routes(UserSocket.open()
                .channel(
                        "room:*",
                        Channel.join(join -> Join.ok("a"))
                                .history(History.of(100, Duration.ofMinutes(5), Said.SAY))
                                .build())
                .build()));
    }

    /** The next question, whose answer is given. */
    private String asked(String answer) throws InterruptedException {
        RecordedTransport.Asked next = carrier.awaitAsked(NAME);
        next.answer().complete(answer);
        return next.question();
    }

    /** The stream of a log is random: 6 bytes after the question, the topic, the version and 2 zeros, and once more. */
    private static String withoutStream(String question) {
        int at = 2 * (3 + 8 + 1 + 2);
        return question.replace(question.substring(at, at + 12), "0".repeat(12));
    }

    /** Other bytes are another wire: see docs/design/upgrade.md. */
    @Test
    void theBytesAreThoseOfTheWire() throws Exception {
        FutureTask<String> copies = new FutureTask<>(() -> carrier.answer(NAME, "01020002" + ROOM + "00056f74686572"));
        Replicas.start(copies);
        List<String> questions = new ArrayList<>();
        questions.add(withoutStream(asked("01")));
        questions.add(withoutStream(asked("00")));
        assertThat(copies.get()).isEqualTo("0100");
        carrier.listeners.forEach(listener -> listener.reachable(RecordedTransport.OTHER));
        questions.add(asked("0000"));
        hub.fastlane().replicas().copy(hub.fastlane().find("room:1").orElseThrow());
        questions.add(asked("01"));
        assertThat(questions).containsExactlyElementsOf(QUESTIONS.lines().toList());
        assertThat(carrier.answer(NAME, "01010001" + ROOM + "00000001")).isEqualTo("0001" + ROOM);
        assertThat(carrier.answer(NAME, "01010001" + ROOM + "00000000")).isEqualTo("0000");
        assertThat(carrier.answer(NAME, questions.get(0))).startsWith("0201");
        assertThat(carrier.answer(NAME, questions.get(1))).isEqualTo("00");
    }

    @Test
    void aLogThatBeginsAsksTheNodesWhoseTopicsArriveInTheMeantime() throws Exception {
        carrier.interested();
        carrier.interestKnown = new CompletableFuture<>();
        FutureTask<String> copies = new FutureTask<>(() -> carrier.answer(NAME, "01020001" + ROOM));
        Replicas.start(copies);
        await().atMost(Duration.ofSeconds(20))
                .until(() -> hub.fastlane().find("room:1").isPresent());
        carrier.interested("heliodor.channels", "heliodor.copies");
        carrier.interestKnown.complete(null);
        assertThat(asked("00")).startsWith("010000" + ROOM);
        assertThat(copies.get()).isEqualTo("01");
    }
}
