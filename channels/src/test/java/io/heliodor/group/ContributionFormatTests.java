package io.heliodor.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.pubsub.engine.NodeId;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ContributionFormatTests {
    private static final Contribution CONTRIBUTION = new Contribution(
            new NodeId("größe@host", -2),
            -1,
            "group",
            300,
            OptionalLong.of(5),
            topics(),
            Set.of(new LamportTimestamp(3, -7)));

    /** Two contributions, then the hash by which nodes compare theirs. */
    private static final String BYTES = """
            01000c6772c3b6c39f6540686f7374fffffffffffffffeffffffffffffffff000567726f7570000000000000012c0000\
            000000000005000000020006726f6f6d3a3200000000000000060006726f6f6d3a310000000000000007000000010000\
            000000000003fffffffffffffff9
            01000c6772c3b6c39f6540686f7374fffffffffffffffeffffffffffffffff000567726f7570000000000000012d0000\
            0000000000000000000000000000
            683155d3f5f743d6
            """;

    private final ContributionFormat format = new ContributionFormat();

    private static Map<String, Long> topics() {
        Map<String, Long> topics = new LinkedHashMap<>();
        topics.put("room:2", 6L);
        topics.put("room:1", 7L);
        return topics;
    }

    /** Other bytes are another wire: see docs/design/upgrade.md. */
    @Test
    void theBytesAreThoseOfTheWire() {
        List<Contribution> all = List.of(CONTRIBUTION, CONTRIBUTION.withoutTombstones());
        List<String> written = new ArrayList<>();
        all.forEach(each -> written.add(HexFormat.of().formatHex(format.write(each))));
        written.add(HexFormat.of().toHexDigits(Contributions.hash(CONTRIBUTION)));
        assertThat(written).containsExactlyElementsOf(BYTES.lines().toList());
        assertThat(all)
                .allSatisfy(each -> assertThat(format.read(format.write(each))).contains(each));
    }
}
