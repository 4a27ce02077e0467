package io.heliodor.session.channel;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.pubsub.Correlation;
import java.lang.ref.WeakReference;
import org.junit.jupiter.api.Test;

class FailureTraceTests {
    private static final Correlation.Trace INNER = trace('1');
    private static final Correlation.Trace OUTER = trace('2');

    private static Correlation.Trace trace(char digit) {
        return new Correlation.Trace("00-" + String.valueOf(digit).repeat(32) + "-00f067aa0ba902b7-01", "");
    }

    private static Exception thrown() {
        Exception thrown = new IllegalStateException("no database");
        try (var _ = Correlation.traced(INNER)) {
            FailureTrace.keep(thrown);
        }
        return thrown;
    }

    @Test
    void theTraceOfAFailureIsReturnedOnce() {
        Exception thrown = thrown();
        try (var _ = Correlation.traced(OUTER)) {
            assertThat(FailureTrace.take(thrown)).contains(INNER);
            assertThat(FailureTrace.take(thrown)).contains(OUTER);
        }
    }

    @Test
    void anotherFailureHasThePresentTrace() {
        thrown();
        assertThat(FailureTrace.take(new IllegalStateException())).isEmpty();
    }

    @Test
    void anExceptionThatIsNotLoggedIsNotKept() {
        WeakReference<Exception> thrown = new WeakReference<>(thrown());
        for (int i = 0; i < 100 && !thrown.refersTo(null); i++) {
            System.gc();
        }
        assertThat(thrown.refersTo(null)).isTrue();
    }
}
