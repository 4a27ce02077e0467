package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.gossip.EntryFormat;
import io.heliodor.gossip.GossipEntry;
import io.heliodor.session.eviction.Eviction;
import io.heliodor.session.eviction.EvictionLog;
import io.heliodor.wire.Payload;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class EvictionLogTests {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    /** An eviction that is a second old, and the hash of all. */
    private static final String BYTES = """
            0000000a317a2075736572733a31000000003b9aca01 80c7a9a2e97e764f
            """;

    private final List<String> activeSinceSweep = new ArrayList<>();
    private long now;
    private long otherNow = 1_000 * SECOND;
    private final EvictionLog here = new EvictionLog(
            () -> now,
            (eviction, at, late) ->
                    activeSinceSweep.add(eviction.id() + " at " + at / SECOND + (late ? ", late" : "")));
    private final EvictionLog other = new EvictionLog(() -> otherNow, (_, _, _) -> {});

    private static GossipEntry disconnect(String id) {
        return EvictionLog.entry(new Eviction.Disconnected(id));
    }

    private void passes(long seconds) {
        now += seconds * SECOND;
        otherNow += seconds * SECOND;
    }

    /** Other bytes are another wire: see docs/design/upgrade.md. */
    @Test
    void theBytesAreThoseOfTheWire() {
        GossipEntry now = disconnect("users:1");
        assertThat(now.key()).matches("[0-9a-z]{1,13} users:1");
        assertThat(now.number()).isZero();
        here.merge(new GossipEntry("1z users:1", 0));
        passes(1);
        byte[] written = EntryFormat.FORMAT.write(here.all().iterator().next());
        assertThat(HexFormat.of().formatHex(written) + " " + HexFormat.of().toHexDigits(here.hash()))
                .isEqualTo(BYTES.strip());
    }

    @Test
    void aBroadcastEvictionIsAppliedOnce() {
        GossipEntry entry = disconnect("users:a b");
        other.merge(entry);
        here.merge(entry);
        assertThat(activeSinceSweep).containsExactly("users:a b at 0");
        passes(30);
        other.all().forEach(here::merge);
        assertThat(activeSinceSweep).hasSize(1);
        assertThat(here.hash()).isEqualTo(other.hash());
    }

    @Test
    void aMissedEvictionIsAppliedWithItsAgeForAMinute() {
        other.merge(disconnect("early"));
        passes(50);
        other.merge(disconnect("users:1"));
        passes(10);
        assertThat(here.hash()).isNotEqualTo(other.hash());
        other.all().forEach(here::merge);
        assertThat(activeSinceSweep).containsExactly("users:1 at 50, late");
        passes(50);
        assertThat(other.all()).isEmpty();
    }

    @Test
    void twoEvictionsOfOneIdAreBothApplied() {
        here.merge(disconnect("users:1"));
        here.merge(disconnect("users:1"));
        assertThat(activeSinceSweep).hasSize(2);
    }

    @Test
    void oldEvictionsAreForgotten() {
        GossipEntry entry = disconnect("users:1");
        here.merge(entry);
        passes(119);
        here.sweep(now);
        here.merge(entry);
        assertThat(activeSinceSweep).hasSize(1);
        passes(1);
        here.sweep(now);
        here.merge(entry);
        assertThat(activeSinceSweep).hasSize(2);
    }

    @Test
    void theLatestOfManyEvictionsAreKept() {
        for (int i = 0; i <= EvictionLog.MAX; i++) {
            here.merge(disconnect("users:" + i));
        }
        assertThat(here.all())
                .hasSize(EvictionLog.MAX)
                .noneMatch(entry -> entry.key().endsWith("users:0"));
        assertThat(activeSinceSweep).hasSize(EvictionLog.MAX + 1);
    }

    /** To an older node, an entry that it cannot read is one for an id without connections. */
    @Test
    void allKindsAreReadFromTheirEntries() {
        Payload.Json payload = json("{\"why\":\"a b\\n\u00e9\"}");
        List<Eviction> read = new ArrayList<>();
        EvictionLog reading = new EvictionLog(() -> now, (eviction, _, _) -> read.add(eviction));
        for (String id : List.of("users:1", "", "a b\n-!", "\u00e9\ud83d\ude00")) {
            reading.merge(EvictionLog.entry(new Eviction.Disconnected(id)));
            reading.merge(EvictionLog.entry(new Eviction.Removed(id, "room: 1-\u00e9")));
            reading.merge(EvictionLog.entry(new Eviction.Kicked(id, "bye now", payload)));
            assertThat(read.get(0)).isEqualTo(new Eviction.Disconnected(id));
            assertThat(read.get(1)).isEqualTo(new Eviction.Removed(id, "room: 1-\u00e9"));
            assertThat(read.get(2)).isInstanceOfSatisfying(Eviction.Kicked.class, kicked -> {
                assertThat(kicked.id()).isEqualTo(id);
                assertThat(kicked.event()).isEqualTo("bye now");
                assertThat(text(kicked.payload())).isEqualTo(text(payload));
            });
            read.clear();
        }
    }

    @Test
    void anEvictionOfAnUnknownKindDoesNothing() {
        for (String text : List.of(
                "",
                "=users:1",
                "-",
                "-\nid",
                "-room:1",
                "!",
                "!bye",
                "!bye\n",
                "!bye\nx\nid{}",
                "!bye\n-1\nid{}",
                "!bye\n2\nid[]",
                "!bye\n99\nid{}",
                "!bye\n4\nid{}",
                "!bye\n2147483647\nid{}",
                "!bye\n4294967295\nid{}")) {
            assertThat(Eviction.parse(text)).as(text).isEmpty();
            here.merge(new GossipEntry("1z" + text, 0));
        }
        assertThat(activeSinceSweep).isEmpty();
    }

    private static Payload.Json json(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return new Payload.Json(bytes, 0, bytes.length);
    }

    private static String text(Payload.Json json) {
        return new String(json.bytes(), json.from(), json.length(), StandardCharsets.UTF_8);
    }
}
