package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.gossip.Entry;
import io.heliodor.gossip.EntryFormat;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class DisconnectsTests {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    /** One that is a second old, and the hash of all. */
    private static final String BYTES = """
            0000000a317a2075736572733a31000000003b9aca01 80c7a9a2e97e764f
            """;

    private final List<String> heard = new ArrayList<>();
    private long now;
    private long otherNow = 1_000 * SECOND;
    private final Disconnects here =
            new Disconnects(() -> now, (id, at, late) -> heard.add(id + " at " + at / SECOND + (late ? ", late" : "")));
    private final Disconnects other = new Disconnects(() -> otherNow, (_, _, _) -> {});

    private void passes(long seconds) {
        now += seconds * SECOND;
        otherNow += seconds * SECOND;
    }

    /** Other bytes are another wire: see docs/design/upgrade.md. */
    @Test
    void theBytesAreThoseOfTheWire() {
        Entry now = Disconnects.entry("users:1");
        assertThat(now.key()).matches("[0-9a-z]{1,13} users:1");
        assertThat(now.number()).isZero();
        here.merge(new Entry("1z users:1", 0));
        passes(1);
        byte[] written = EntryFormat.FORMAT.write(here.after("").iterator().next());
        assertThat(HexFormat.of().formatHex(written) + " " + HexFormat.of().toHexDigits(here.hash()))
                .isEqualTo(BYTES.strip());
    }

    @Test
    void oneThatIsBroadcastHoldsAtOnceAndIsKnownLater() {
        Entry entry = Disconnects.entry("users:a b");
        other.merge(entry);
        here.merge(entry);
        assertThat(heard).containsExactly("users:a b at 0");
        passes(30);
        other.after("").forEach(here::merge);
        assertThat(heard).hasSize(1);
        assertThat(here.hash()).isEqualTo(other.hash());
    }

    @Test
    void oneThatWasMissedIsHeardOfForAMinuteByItsAge() {
        other.merge(Disconnects.entry("early"));
        passes(50);
        other.merge(Disconnects.entry("users:1"));
        passes(10);
        assertThat(here.hash()).isNotEqualTo(other.hash());
        other.after("").forEach(here::merge);
        assertThat(heard).containsExactly("users:1 at 50, late");
        passes(50);
        assertThat(other.after("")).isEmpty();
    }

    @Test
    void twoOfOneIdAreTwo() {
        here.merge(Disconnects.entry("users:1"));
        here.merge(Disconnects.entry("users:1"));
        assertThat(heard).hasSize(2);
    }

    @Test
    void oldOnesAreForgotten() {
        Entry entry = Disconnects.entry("users:1");
        here.merge(entry);
        passes(119);
        here.sweep(now);
        here.merge(entry);
        assertThat(heard).hasSize(1);
        passes(1);
        here.sweep(now);
        here.merge(entry);
        assertThat(heard).hasSize(2);
    }

    @Test
    void ofManyTheLatestAreKept() {
        for (int i = 0; i <= Disconnects.MAX; i++) {
            here.merge(Disconnects.entry("users:" + i));
        }
        assertThat(here.after(""))
                .hasSize(Disconnects.MAX)
                .noneMatch(entry -> entry.key().endsWith("users:0"));
        assertThat(heard).hasSize(Disconnects.MAX + 1);
    }
}
