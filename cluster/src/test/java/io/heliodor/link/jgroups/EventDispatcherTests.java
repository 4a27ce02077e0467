package io.heliodor.link.jgroups;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.link.Peer;
import io.heliodor.link.View;
import io.heliodor.link.ViewId;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventDispatcherTests {
    private final Witness witness = new Witness();
    private final EventDispatcher reports = new EventDispatcher(witness);
    private final Peer a = new Peer("a", 1);
    private final Peer b = new Peer("b", 2);

    private View view(long number, Peer... members) {
        return new View(new ViewId(number, a), List.of(members), false);
    }

    @Test
    void onlyChangesOfOpinionAreTold() {
        reports.view(view(1, a, b));
        assertThat(reports.suspect(b)).isTrue();
        assertThat(reports.suspect(b)).isFalse();
        reports.alive(b);
        reports.alive(b);
        assertThat(reports.suspect(b)).isTrue();
        assertThat(witness.opinions).containsExactly("suspect b", "alive b", "suspect b");
    }

    @Test
    void thereIsNoOpinionOfWhoIsNoMember() {
        assertThat(reports.suspect(b)).isFalse();
        reports.view(view(1, a));
        assertThat(reports.suspect(b)).isFalse();
        reports.view(view(2, a, b));
        reports.suspect(b);
        reports.view(view(3, a));
        reports.alive(b);
        reports.view(view(4, a, b));
        reports.alive(b);
        assertThat(witness.opinions).as("forgotten with the view").containsExactly("suspect b");
    }

    @Test
    void whatWasUnderWayWhenASuspicionAroseIsNoSignOfLife() {
        reports.view(view(1, a, b));
        assertThat(reports.anySuspect()).isFalse();
        reports.suspect(b);
        assertThat(reports.anySuspect()).isFalse();
        Wires.await(() -> "no suspect", reports::anySuspect);
    }

    @Test
    void nothingIsToldAfterTheEnd() {
        reports.view(view(1, a, b));
        reports.close();
        reports.view(view(2, a));
        reports.suspect(b);
        reports.received(b, new byte[1], 0, 1);
        assertThat(witness.views).hasSize(1);
        assertThat(witness.opinions).isEmpty();
        assertThat(witness.packets).isEmpty();
    }
}
