package io.heliodor.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VersionTests {
    @ParameterizedTest
    @ValueSource(strings = {"2.0.0", "2.0.7", "2.0.10"})
    void everyPatchOfTwoIsSpoken(String vsn) {
        assertThat(Version.serializer(List.of(vsn))).isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "2",
                "2.0",
                "2.0.",
                "2.1.0",
                "3.0.0",
                "0.2.0",
                "02.0.0",
                "2.0.00",
                "2.0.01",
                "v2.0.0",
                "2.0.0 ",
                " 2.0.0",
                "2.0.x",
                "2.0.0-rc.1",
                "12.0.0",
                "2,0,0",
                "2.0.0\n",
                "2.0.٣",
                "[2.0.0]",
                "null"
            })
    void whatIsNoPatchOfTwoIsRefused(String vsn) {
        assertThat(Version.serializer(List.of(vsn))).isEmpty();
    }

    @Test
    void aClientThatNamesNoneMeansOneWhichIsNotServedYet() {
        assertThat(Version.serializer(null)).isEmpty();
        assertThat(Version.serializer(List.of("1.0.0"))).isEmpty();
    }

    @Test
    void theLastOfSeveralCountsSinceClientsAppendTheirs() {
        assertThat(Version.serializer(List.of("nonsense", "2.0.0"))).isPresent();
        assertThat(Version.serializer(List.of("2.0.0", "nonsense"))).isEmpty();
    }
}
