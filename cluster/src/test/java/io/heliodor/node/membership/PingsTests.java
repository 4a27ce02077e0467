package io.heliodor.node.membership;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.link.Link;
import io.heliodor.link.Peer;
import io.heliodor.process.engine.ManualTime;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Pings over a link that loses some. */
class PingsTests {
    private static final Peer PEER = new Peer("b@host", 2);

    @AutoClose
    private final ManualTime time = new ManualTime();

    private final Set<Peer> members = new HashSet<>(Set.of(PEER));
    private int offered;

    private final Pings pings = new Pings(
            () -> (Link) Proxy.newProxyInstance(Link.class.getClassLoader(), new Class<?>[] {Link.class}, (_, _, _) -> {
                offered++;
                return Link.Sent.FULL;
            }),
            time,
            members::contains);

    @Test
    void aPingThatGetsNoAnswerIsSentAgain() {
        assertThat(pings.unanswered(PEER)).isZero();
        time.advance(Duration.ofMillis(249));
        assertThat(pings.unanswered(PEER)).isEqualTo(Duration.ofMillis(249));
        assertThat(offered).isEqualTo(1);
        time.advance(Duration.ofMillis(1));
        assertThat(pings.unanswered(PEER)).isEqualTo(Duration.ofMillis(250));
        assertThat(pings.unanswered(PEER)).isEqualTo(Duration.ofMillis(250));
        assertThat(offered).as("sent twice in all").isEqualTo(2);
    }

    @Test
    void anAnswerEndsItsWait() {
        pings.unanswered(PEER);
        time.advance(Duration.ofMillis(300));
        assertThat(pings.unanswered(PEER)).isEqualTo(Duration.ofMillis(300));
        pings.received(PEER, new Ping(1, true), "");
        assertThat(pings.unanswered(PEER)).as("the next ping").isZero();
        assertThat(pings.roundTrip(PEER)).contains(Duration.ofMillis(300));
    }

    @Test
    void aPeerThatIsNoMemberNeverAnswers() {
        members.clear();
        assertThat(pings.unanswered(PEER)).isEqualTo(Duration.ofNanos(Long.MAX_VALUE));
        assertThat(offered).isZero();
    }
}
