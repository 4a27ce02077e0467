package io.heliodor.link.jgroups;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.link.Peer;
import io.heliodor.link.View;
import io.heliodor.link.ViewId;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventDispatcherTests {
    private final Witness witness = new Witness();
    private final EventDispatcher events = new EventDispatcher(witness);
    private final Peer a = new Peer("a", 1);
    private final Peer b = new Peer("b", 2);

    private View view(long number, Peer... members) {
        return new View(new ViewId(number, a), List.of(members), false);
    }

    @Test
    void onlyChangesOfSuspicionAreReported() {
        events.view(view(1, a, b));
        assertThat(events.suspect(b)).isTrue();
        assertThat(events.suspect(b)).isFalse();
        events.unsuspect(b);
        events.unsuspect(b);
        assertThat(events.suspect(b)).isTrue();
        assertThat(witness.opinions).containsExactly("suspect b", "alive b", "suspect b");
    }

    @Test
    void nonMembersAreNotSuspected() {
        assertThat(events.suspect(b)).isFalse();
        events.view(view(1, a));
        assertThat(events.suspect(b)).isFalse();
        events.view(view(2, a, b));
        events.suspect(b);
        events.view(view(3, a));
        events.unsuspect(b);
        events.view(view(4, a, b));
        events.unsuspect(b);
        assertThat(witness.opinions).as("forgotten with the view").containsExactly("suspect b");
    }

    @Test
    void packetsUnderWayWhenASuspicionBeginsDoNotEndIt() {
        events.view(view(1, a, b));
        assertThat(events.anySuspect()).isFalse();
        events.suspect(b);
        assertThat(events.anySuspect()).isFalse();
        Wires.await(() -> "no suspect", events::anySuspect);
    }

    @Test
    void theListenerIsNotNotifiedAfterClose() {
        events.view(view(1, a, b));
        events.close();
        events.view(view(2, a));
        events.suspect(b);
        events.received(b, new byte[1], 0, 1);
        assertThat(witness.views).hasSize(1);
        assertThat(witness.opinions).isEmpty();
        assertThat(witness.packets).isEmpty();
    }
}
