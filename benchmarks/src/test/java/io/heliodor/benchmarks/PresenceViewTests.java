package io.heliodor.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.BitSet;
import org.junit.jupiter.api.Test;

class PresenceViewTests {
    private final PresenceView view = new PresenceView();

    private static BitSet of(int... numbers) {
        BitSet set = new BitSet();
        for (int number : numbers) {
            set.set(number);
        }
        return set;
    }

    @Test
    void aDiffRemovesAndAdds() {
        view.state(of(1, 2));
        view.diff(of(3), of(1));
        assertThat(view.present()).isEqualTo(of(2, 3));
        assertThat(view.size()).isEqualTo(2);
    }

    @Test
    void aJoinThatTheStateContainsIsNotCountedTwice() {
        view.state(of(1, 2));
        view.diff(of(2), of());
        assertThat(view.size()).isEqualTo(2);
    }

    @Test
    void diffsBeforeTheStateAreAppliedAfterIt() {
        view.diff(of(3, 4), of(1));
        view.diff(of(5), of(4));
        assertThat(view.synced()).isFalse();
        assertThat(view.size()).isZero();
        view.state(of(1, 2));
        assertThat(view.present()).isEqualTo(of(2, 3, 5));
    }

    @Test
    void aLaterStateReplacesAll() {
        view.diff(of(9), of());
        view.state(of(1));
        view.state(of(2));
        assertThat(view.present()).isEqualTo(of(2));
    }

    @Test
    void aPresenceIsItsKeyAndItsRef() {
        PresenceNumbers roster = new PresenceNumbers();
        ByteBuffer bytes = ByteBuffer.wrap("ann1,ann2,an".getBytes(US_ASCII));
        assertThat(roster.number(bytes, 0, 3, 3, 4)).isZero();
        assertThat(roster.number(bytes, 5, 8, 8, 9)).isEqualTo(1);
        assertThat(roster.number(bytes, 0, 2, 2, 4)).as("'an' under 'n1'").isEqualTo(2);
        assertThat(roster.number(bytes, 0, 3, 3, 4)).isZero();
        assertThat(roster.keys(of(0, 2))).containsExactly("ann", "an");
    }
}
