package io.heliodor.pubsub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class SingleNodeTests {
    private static final Duration SECOND = Duration.ofSeconds(1);

    @AutoClose
    private final PubSub pubsub = PubSub.local();

    private final Nodes nodes = pubsub.nodes();

    @Test
    void noOtherNodeWantsATopic() {
        assertThat(pubsub.nodes().wanting(Topic.of("news", String.class))).isEmpty();
    }

    @Test
    void aPubSubOfOneJvmHasOneNode() {
        assertThat(nodes.members()).containsExactly(nodes.self());
        assertThat(pubsub.scope("a").nodes().self()).isEqualTo(nodes.self());
        try (PubSub other = PubSub.local()) {
            assertThat(other.nodes().self()).isNotEqualTo(nodes.self());
        }
    }

    @Test
    void itAnswersItself() {
        nodes.answer("twice", question -> new byte[] {question[0], question[0]});
        assertThat(nodes.ask(nodes.self(), "twice", new byte[] {7}, SECOND))
                .hasValueSatisfying(answer -> assertThat(answer).containsExactly(7, 7));
    }

    @Test
    void thereIsNoAnswerOfOthersOrUnderOtherNames() {
        nodes.answer("a", question -> question);
        nodes.answer("fails", question -> {
            throw new IllegalArgumentException("no");
        });
        assertThat(nodes.ask(new NodeId("other", 1), "a", new byte[1], SECOND)).isEmpty();
        assertThat(nodes.ask(nodes.self(), "b", new byte[1], SECOND)).isEmpty();
        assertThat(nodes.ask(nodes.self(), "fails", new byte[1], SECOND)).isEmpty();
        assertThat(pubsub.scope("s").nodes().ask(nodes.self(), "a", new byte[1], SECOND))
                .isEmpty();
    }

    @Test
    void aNameIsAnsweredOnce() {
        nodes.answer("a", question -> question);
        assertThatIllegalStateException()
                .isThrownBy(() -> nodes.answer("a", question -> question))
                .withMessage("Questions under \"a\" are answered already.");
    }
}
