package io.heliodor.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ViewTests {
    private static final Peer A = new Peer("a@host", 1);
    private static final Peer X = new Peer("x@host", 9);
    private static final Peer DUPLICATE = new Peer("x@host", 2);

    @Test
    void ofTwoIncarnationsOfANameTheSecondOneIsADuplicate() {
        View view = new View(new ViewId(1, A), List.of(X, A, DUPLICATE), true);
        assertThat(view.members()).filteredOn(view::isDuplicate).containsExactly(DUPLICATE);
        assertThat(view.byName()).containsEntry("x@host", X).hasSize(2);
    }
}
