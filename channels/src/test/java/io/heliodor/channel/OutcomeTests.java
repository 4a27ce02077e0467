package io.heliodor.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.heliodor.event.Empty;
import io.heliodor.event.Reason;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Outcomes of handlers, and info messages. */
class OutcomeTests {
    @Test
    void theShortFormsOfOutcomesEqualTheirLongForms() {
        assertThat(Reply.ok()).isEqualTo(new Reply.Ok<>(Empty.EMPTY));
        assertThat(Reply.error("no")).isEqualTo(new Reply.Error<>(new Reason("no")));
        assertThat(Reply.error(7)).isEqualTo(new Reply.Error<>(7));
        assertThat(Stop.because("bye").last()).isEmpty();
        assertThat(Stop.because("bye").replying(Reply.ok("x")).last()).contains(Reply.ok("x"));
        assertThat(Join.ok("a")).isEqualTo(new JoinOutcome.Joined<>("a", Empty.EMPTY));
        assertThat(Join.ok("a", "b")).isEqualTo(new JoinOutcome.Joined<>("a", "b"));
        assertThat(Join.<String>refuse("no")).isEqualTo(new JoinOutcome.Refused<>(Map.of("reason", "no")));
        assertThat(NoReply.none()).isSameAs(NoReply.NO_REPLY);
    }

    @Test
    void aJoinWithoutAssignsOrReplyIsRefused() {
        assertThatNullPointerException()
                .isThrownBy(() -> Join.ok(null))
                .withMessage("The assigns of a join are null; give Empty.EMPTY if there is nothing to remember.");
        assertThatNullPointerException()
                .isThrownBy(() -> Join.ok("a", null))
                .withMessage("The reply to a join is null; give Empty.EMPTY if there is nothing to say.");
    }

    @Test
    void anInfoMessageHasANameForLogs() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> InfoMessage.of("a\nb", String.class))
                .withMessage("The name of an info message has 1 to 255 bytes of UTF-8 without control characters,"
                        + " not 'a\\u000ab'.");
    }
}
