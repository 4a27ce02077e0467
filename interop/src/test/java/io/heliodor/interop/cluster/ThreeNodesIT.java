package io.heliodor.interop.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.interop.hosts.Programs;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The example of three nodes prints what its text promises. */
@Tag("long")
@WithNodes
class ThreeNodesIT {
    @Test
    void theExampleRunsToItsEnd() {
        Programs.Ended ended = Programs.ours(Duration.ofMinutes(2), "examples/three-nodes/run");
        assertThat(ended.output())
                .contains("a   {\"ok\":true,\"messages\":[\"tick\"]}")
                .containsPattern("b   \\{\"event\":\"down\",\"node\":\"c@127.0.0.1\"")
                .contains("the end of their input");
        assertThat(ended.status()).as(ended.output()).isZero();
    }
}
