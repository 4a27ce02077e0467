package io.heliodor.counter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The bytes of parties, compared with a map. */
class PartyBytesTests {
    @Test
    void theLargestPartyAndTheSumAreThoseOfAMap() {
        Random random = new Random(1);
        PartyBytes<Integer> parties = new PartyBytes<>();
        Map<Integer, Long> model = new HashMap<>();
        for (int step = 0; step < 20_000; step++) {
            int party = random.nextInt(20);
            long held = model.getOrDefault(party, 0L);
            long more = random.nextInt(3) == 0 ? -held : random.nextInt(1_000);
            parties.add(party, more);
            model.merge(party, more, Long::sum);
            model.values().removeIf(bytes -> bytes == 0);

            assertThat(parties.bytes())
                    .isEqualTo(
                            model.values().stream().mapToLong(Long::longValue).sum());
            assertThat(parties.of(party)).isEqualTo((long) model.getOrDefault(party, 0L));
            Integer largest = parties.largest();
            assertThat(largest == null ? 0L : parties.of(largest))
                    .isEqualTo(model.isEmpty() ? 0 : (long) Collections.max(model.values()));
        }
    }
}
