package io.heliodor.token;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.gossip.EntryFormat;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Two nodes that have merged each other's entries refuse the same tokens, in whatever order these came. */
class RevokedSubjectsTests {
    private static final int MAX = 5;

    /** The floor, a subject, and the hash of both. */
    private static final String BYTES = """
            0000000166000000000000012c
            00000008736772c3b6c39f65000000000000012d
            a8606296cb188a07
            """;

    private record Revoked(String subject, long until) {}

    /** Other bytes are another wire: see docs/design/upgrade.md. */
    @Example
    void theBytesAreThoseOfTheWire() {
        RevokedSubjects one = new RevokedSubjects(1);
        one.merge(RevokedSubjects.entry("ann", 300));
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
            all.add(new Revoked("subject " + random.nextInt(12), random.nextInt(30)));
        }
        RevokedSubjects one = new RevokedSubjects(MAX);
        RevokedSubjects two = new RevokedSubjects(MAX);
        merge(one, all, random);
        merge(two, all.subList(0, random.nextInt(all.size() + 1)), random);
        two.all().forEach(one::merge);
        one.all().forEach(two::merge);
        assertThat(two.hash()).isEqualTo(one.hash());
        assertThat(two.all()).containsExactlyElementsOf(one.all());
        assertThat(two.all().size()).isLessThanOrEqualTo(MAX + 1);
        for (Revoked revoked : all) {
            assertThat(two.refuses(revoked.subject(), revoked.until())).isTrue();
        }
        boolean few = all.stream().map(Revoked::subject).distinct().count() <= MAX;
        assertThat(two.refuses("another", 0)).isEqualTo(!few);
    }

    private static void merge(RevokedSubjects into, List<Revoked> from, Random random) {
        List<Revoked> shuffled = new ArrayList<>(from);
        Collections.shuffle(shuffled, random);
        shuffled.forEach(each -> into.merge(RevokedSubjects.entry(each.subject(), each.until())));
    }
}
