package io.heliodor.transport.handshake;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.wire.Serializer;
import io.heliodor.wire.SupabaseSerializer;
import io.heliodor.wire.V1Serializer;
import io.heliodor.wire.V2Serializer;
import io.heliodor.wire.V2TextSerializer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProtocolVersionTests {
    @ParameterizedTest
    @ValueSource(strings = {"2.0.0", "2.0.7", "2.0.10"})
    void everyPatchOfVersionTwoIsSupported(String vsn) {
        assertThat(chosen(vsn)).containsInstanceOf(V2Serializer.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.0.0", "1.0.1", "1.0.1234567890"})
    void everyPatchOfVersionOneIsSupported(String vsn) {
        assertThat(chosen(vsn)).containsInstanceOf(V1Serializer.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "1",
                "1.0",
                "1.1.0",
                "1.9.0",
                "01.0.0",
                "1.0.00",
                "1.0.0-rc.1",
                "11.0.0",
                "1.0.0\n",
                "1.0.12345678901",
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
    void aVersionThatIsNotAPatchOfOneOrTwoIsRefused(String vsn) {
        assertThat(chosen(vsn)).isEmpty();
        assertThat(ProtocolVersion.textOnly(Map.of("vsn", List.of(vsn)))).isEmpty();
    }

    @Test
    void aClientWithoutAVersionGetsVersionOne() {
        assertThat(ProtocolVersion.serializer(Map.of(), false)).containsInstanceOf(V1Serializer.class);
        assertThat(ProtocolVersion.textOnly(Map.of("x", List.of("2.0.0")))).containsInstanceOf(V1Serializer.class);
    }

    @Test
    void aVersionThatIsNotAStringIsRefused() {
        assertThat(ProtocolVersion.serializer(Map.of("vsn[]", List.of("2.0.0")), false))
                .isEmpty();
        assertThat(ProtocolVersion.serializer(Map.of("vsn[a]", List.of("1.0.0")), false))
                .isEmpty();
    }

    @Test
    void theLastOfSeveralVersionsAppliesSinceClientsAppendTheirs() {
        assertThat(chosen("nonsense", "2.0.0")).containsInstanceOf(V2Serializer.class);
        assertThat(chosen("2.0.0", "1.0.0")).containsInstanceOf(V1Serializer.class);
        assertThat(chosen("2.0.0", "nonsense")).isEmpty();
    }

    @Test
    void supabaseConcernsVersionTwoOverWebSocketsAlone() {
        Map<String, List<String>> two = Map.of("vsn", List.of("2.0.0"));
        assertThat(ProtocolVersion.serializer(two, true)).containsInstanceOf(SupabaseSerializer.class);
        assertThat(ProtocolVersion.serializer(two, false).orElseThrow()).isExactlyInstanceOf(V2Serializer.class);
        assertThat(ProtocolVersion.serializer(Map.of(), true)).containsInstanceOf(V1Serializer.class);
    }

    @Test
    void onATransportForTextOnlyVersionTwoWritesText() {
        assertThat(ProtocolVersion.textOnly(Map.of("vsn", List.of("2.0.0"))))
                .containsInstanceOf(V2TextSerializer.class);
        assertThat(ProtocolVersion.textOnly(Map.of("vsn", List.of("1.0.0")))).containsInstanceOf(V1Serializer.class);
    }

    @Test
    void clientsOfOneVersionShareASerializerSoThatABroadcastIsEncodedOnce() {
        for (String vsn : List.of("1.0.0", "2.0.0")) {
            assertThat(chosen(vsn).orElseThrow()).isSameAs(chosen(vsn).orElseThrow());
        }
    }

    private static Optional<Serializer> chosen(String... vsn) {
        return ProtocolVersion.serializer(Map.of("vsn", List.of(vsn)), false);
    }
}
