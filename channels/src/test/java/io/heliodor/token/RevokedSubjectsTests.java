package io.heliodor.token;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.gossip.EntryFormat;
import io.heliodor.gossip.GossipEntry;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Two nodes that have merged each other's entries refuse the same tokens, in whatever order these came. */
class RevokedSubjectsTests {
    private static final long RETENTION = 20;

    /** The floor of a node of an earlier version, a subject, and the hash of both. */
    private static final String BYTES = """
            0000000166000000000000012c
            00000008736772c3b6c39f65000000000000012d
            a8606296cb188a07
            """;

    private static final GossipEntry FLOOR = new GossipEntry("f", 300);

    private record Revoked(String subject, long until) {}

    /** Other bytes are another wire: see docs/design/upgrade.md. */
    @Example
    void theBytesAreThoseOfTheWire() {
        RevokedSubjects one = new RevokedSubjects(() -> 301, 0, RETENTION);
        one.merge(RevokedSubjects.entry("ann", 300));
        one.merge(FLOOR);
        one.merge(RevokedSubjects.entry("größe", 301));
        List<String> written = new ArrayList<>();
        one.all().forEach(entry -> written.add(HexFormat.of().formatHex(EntryFormat.FORMAT.write(entry))));
        written.add(HexFormat.of().toHexDigits(one.hash()));
        assertThat(written).containsExactlyElementsOf(BYTES.lines().toList());
    }

    @Property(tries = 500)
    void copiesBecomeEqualAndRefuseAllThatWasRevoked(@ForAll long seed) {
        Random random = new Random(seed);
        List<Revoked> all = new ArrayList<>();
        for (int i = random.nextInt(20); i >= 0; i--) {
            all.add(new Revoked("subject " + random.nextInt(12), random.nextInt(60)));
        }
        AtomicLong now = new AtomicLong();
        RevokedSubjects one = new RevokedSubjects(now::get, 0, RETENTION);
        RevokedSubjects two = new RevokedSubjects(now::get, 0, RETENTION);
        merge(one, all, random);
        merge(two, all.subList(0, random.nextInt(all.size() + 1)), random);
        now.set(random.nextInt(60));
        two.all().forEach(one::merge);
        one.all().forEach(two::merge);
        assertThat(two.hash()).isEqualTo(one.hash());
        assertThat(two.all()).containsExactlyElementsOf(one.all());
        for (Revoked revoked : all) {
            if (revoked.until() + RETENTION > now.get()) {
                assertThat(two.refuses(revoked.subject(), revoked.until())).isTrue();
            }
        }
        assertThat(two.all()).allMatch(entry -> entry.number() + RETENTION > now.get());
        assertThat(two.refuses("another", 0)).isFalse();
    }

    @Example
    void mergedEntriesReplaceNoOthers() {
        RevokedSubjects all = new RevokedSubjects(() -> 0, 0, RETENTION);
        for (int i = 0; i <= Revocations.MAX_SUBJECTS; i++) {
            all.merge(RevokedSubjects.entry("banned " + i, i + 1));
        }
        assertThat(all.refuses("banned 0", 1)).isTrue();
        assertThat(all.refuses("ann", 0)).isFalse();
    }

    @Example
    void theFloorOfAnEarlierVersionCountsOnceItsTimeIsOver() {
        AtomicLong now = new AtomicLong(299);
        RevokedSubjects all = new RevokedSubjects(now::get, 0, RETENTION);
        all.merge(FLOOR);
        assertThat(all.refuses("ann", 299)).isFalse();
        assertThat(all.all()).isEmpty();
        now.set(300);
        all.merge(FLOOR);
        assertThat(all.refuses("ann", 300)).isTrue();
        assertThat(all.refuses("ann", 301)).isFalse();
        now.set(320);
        assertThat(all.all()).isEmpty();
        assertThat(all.hash()).isZero();
    }

    private static void merge(RevokedSubjects into, List<Revoked> from, Random random) {
        List<Revoked> shuffled = new ArrayList<>(from);
        Collections.shuffle(shuffled, random);
        shuffled.forEach(each -> into.merge(RevokedSubjects.entry(each.subject(), each.until())));
    }
}
