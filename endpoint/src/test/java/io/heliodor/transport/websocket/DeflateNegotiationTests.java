package io.heliodor.transport.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeflateNegotiationTests {
    private static final String YES = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "permessage-deflate",
                "  permessage-deflate  ",
                "permessage-deflate; client_max_window_bits",
                "permessage-deflate; client_max_window_bits=8",
                "permessage-deflate; client_max_window_bits=15",
                "permessage-deflate; client_max_window_bits=\"10\"",
                "permessage-deflate; client_max_window_bits=\"1\\0\"",
                "permessage-deflate ;client_max_window_bits = 9;server_no_context_takeover",
                "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
                "x-webkit-deflate-frame, permessage-deflate",
                "permessage-deflate; server_max_window_bits=10, permessage-deflate",
                "permessage-deflate; nonsense=\"a, permessage-deflate; x\", permessage-deflate",
                ", permessage-deflate,",
                "permessage-deflate, permessage-deflate; server_max_window_bits=15"
            })
    void anOfferIsTaken(String header) {
        assertThat(DeflateNegotiation.accept(List.of(header))).contains(YES);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ",",
                ";",
                "permessage-bzip2",
                "Xpermessage-deflate",
                "permessage-deflate=1",
                "permessage-deflate;",
                "permessage-deflate; unknown",
                "permessage-deflate; unknown=1",
                "permessage-deflate; server_no_context_takeover=1",
                "permessage-deflate; client_no_context_takeover=\"\"",
                "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
                "permessage-deflate; client_max_window_bits=7",
                "permessage-deflate; client_max_window_bits=16",
                "permessage-deflate; client_max_window_bits=08",
                "permessage-deflate; client_max_window_bits=",
                "permessage-deflate; client_max_window_bits=ten",
                "permessage-deflate; client_max_window_bits=10; client_max_window_bits",
                "permessage-deflate; server_max_window_bits",
                "permessage-deflate; server_max_window_bits=8",
                "permessage-deflate; server_max_window_bits=14",
                "permessage-deflate; server_max_window_bits=16",
                "permessage-deflate; server_max_window_bits=\"15",
                "permessage-deflate; server_max_window_bits=15; server_max_window_bits=15",
                "\"permessage-deflate\"",
                "permessage-deflate; \"client_max_window_bits\"",
                "permessage-deflate; x=\"\\",
                "permessage-deflate client_max_window_bits"
            })
    void anOfferIsDeclined(String header) {
        assertThat(DeflateNegotiation.accept(List.of(header))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"15", "\"15\"", " 15 "})
    void aLimitForTheServersWindowIsAnsweredIfItIsSupported(String bits) {
        assertThat(DeflateNegotiation.accept(List.of("permessage-deflate; server_max_window_bits=" + bits)))
                .contains(YES + "; server_max_window_bits=15");
    }

    @Test
    void theHeaderMayBeThereSeveralTimes() {
        assertThat(DeflateNegotiation.accept(
                        List.of("foo; a=1", "permessage-deflate; server_max_window_bits=9", "permessage-deflate")))
                .contains(YES);
        assertThat(DeflateNegotiation.accept(List.of())).isEmpty();
    }

    @Test
    void aHeaderOfAnyLengthIsRead() {
        assertThat(DeflateNegotiation.accept(List.of("permessage-deflate; a,".repeat(5_000) + "permessage-deflate")))
                .contains(YES);
        assertThat(DeflateNegotiation.accept(List.of("permessage-deflate" + "; a".repeat(5_000))))
                .isEmpty();
        assertThat(DeflateNegotiation.accept(List.of("permessage-deflate; a=\"" + "\\\"".repeat(5_000))))
                .isEmpty();
    }
}
