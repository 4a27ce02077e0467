package io.heliodor.type.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestTests {
    @Test
    void aMisspelledNameHasItsNearestOne() {
        assertThat(Nearest.of("bdi", List.of("bid", "bidder", "x"))).contains("bid");
        assertThat(Nearest.of("Bid", List.of("bid"))).contains("bid");
        assertThat(Nearest.of("heliodor.cluster.seed", List.of("heliodor.cluster.name", "heliodor.cluster.seeds")))
                .contains("heliodor.cluster.seeds");
    }

    @Test
    void aNameThatResemblesNoneHasNone() {
        assertThat(Nearest.of("bid", List.of("message", "typing"))).isEmpty();
        assertThat(Nearest.of("ab", List.of("cd", "xyz"))).isEmpty();
        assertThat(Nearest.of("x".repeat(101), List.of("x".repeat(101)))).isEmpty();
        assertThat(Nearest.of("", List.of("bid"))).isEmpty();
    }
}
