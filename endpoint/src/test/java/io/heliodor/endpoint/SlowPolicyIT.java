package io.heliodor.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.limit.Limits;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A client that stops reading and reads again, and events that are worth less when they are late. */
class SlowPolicyIT extends LiveTest {
    /** More than the buffers of both kernels take. */
    private static final String LARGE = "x".repeat(16 << 20);

    private static final int SMALL_WINDOW = 4 << 10;
    private static final int TIMES = 100;

    @Test
    void aClientThatStopsReadingMissesDroppedEventsAndGetsTheLatestOfTheRest() {
        Live live = start(builder -> builder.limits(Limits.openInternet()
                .sessions(s -> s.stallTimeout(Duration.ofMinutes(5)))
                .memory(m -> m.maxConnectionBytes(2L * LARGE.length()))));
        withHealthyClient(live);
        RawClient slow = closing(RawClient.connect(live.endpoint, SMALL_WINDOW))
                .upgrade("")
                .joins("desk:a");
        live.broadcasts("desk:a", LARGE);
        live.broadcasts("desk:a", "waits");
        // Events of the turn in which the client begins to lag wait. After the first drop it lags until it reads.
        Live.eventually().until(() -> {
            live.types("desk:a");
            return live.count("slow_dropped") > 0;
        });
        RawClient quick = open(live).joins("desk:a");

        for (int i = 1; i <= TIMES; i++) {
            for (String user : new String[] {"ann", "ben"}) {
                live.points("desk:a", user, i);
                quick.receives(Live.pointed("desk:a", user, i));
            }
            live.types("desk:a");
            quick.receives(Live.typed("desk:a"));
        }
        live.broadcasts("desk:a", "between");
        live.points("desk:a", "ann", 0);
        live.broadcasts("desk:a", "end");
        quick.receives(Live.told("desk:a", "between"), Live.pointed("desk:a", "ann", 0), Live.told("desk:a", "end"));

        assertThat(slow.next().text()).isEqualTo(Live.told("desk:a", LARGE));
        assertThat(slow.next()).hasToString(Live.told("desk:a", "waits"));
        String next = slow.next().toString();
        while (next.equals(Live.typed("desk:a"))) {
            next = slow.next().toString();
        }
        assertThat(next).isEqualTo(Live.pointed("desk:a", "ben", TIMES));
        slow.receives(Live.told("desk:a", "between"), Live.pointed("desk:a", "ann", 0), Live.told("desk:a", "end"));
        assertThat(live.count("slow_replaced")).isEqualTo(2 * (TIMES - 1) + 1);
        assertThat(live.count("slow_dropped")).isGreaterThanOrEqualTo(TIMES + 1);
        assertThat(live.count("closed_slow")).isZero();

        live.types("desk:a");
        slow.receives(Live.typed("desk:a"));
        quick.receives(Live.typed("desk:a"));
    }
}
