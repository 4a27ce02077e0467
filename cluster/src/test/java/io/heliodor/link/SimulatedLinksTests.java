package io.heliodor.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A link whose listener is busy. Only a link of one thread makes this state observable. */
class SimulatedLinksTests {
    private static final Peer ANA = new Peer("ana@host", 1);
    private static final Peer BEN = new Peer("ben@host", 2);

    @Test
    void noSessionToANewMemberBeginsBeforeTheViewWithItIsDelivered() {
        SimulatedLinks links = new SimulatedLinks(new Random(1), 2_000);
        List<Peer> opened = new ArrayList<>();
        List<View> seen = new ArrayList<>();
        links.start(ANA, new LinkHistory.EmptyListener() {
            @Override
            public void opened(Peer peer) {
                opened.add(peer);
            }
        });
        links.start(BEN, new LinkHistory.EmptyListener() {
            @Override
            public void view(View view) {
                links.busy(BEN, true);
                for (int i = 0; i < 3; i++) {
                    links.drain();
                    links.tick();
                }
                assertThat(opened).isEmpty();
                links.busy(BEN, false);
                seen.add(view);
            }
        });
        View view = links.network().form(List.of(ANA, BEN));
        links.drain();
        assertThat(seen).containsExactly(view);
        assertThat(opened).containsExactly(BEN);
    }
}
