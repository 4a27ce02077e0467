package io.heliodor.channel.definition;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.heliodor.fixtures.Fuzz;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The checks of the id of a connection. */
class ConnectionIdTests {
    private static final String[] CHARACTERS = {
        "a", "\u007f", "\u0080", "ß", "\u07ff", "\u0800", "€", "\ud7ff", "\ue000", "😀"
    };

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
    void anIdHasAThousandBytesAtMost(int index) {
        String character = CHARACTERS[index];
        int size = character.getBytes(UTF_8).length;
        String longest = character.repeat(ConnectionId.MAX_BYTES / size) + "x".repeat(ConnectionId.MAX_BYTES % size);
        assertThat(longest.getBytes(UTF_8)).hasSize(ConnectionId.MAX_BYTES);
        assertThat(ConnectionId.check(longest)).isSameAs(longest);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ConnectionId.check(longest + "x"))
                .withMessageContaining("at most 1000 bytes of UTF-8");
    }

    @Test
    void anEmptyOneIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ConnectionId.check(""))
                .withMessageContaining("is empty");
    }

    @Test
    void halfASurrogatePairIsRefused() {
        for (String id : List.of("\ud83d", "\ude00", "a\ud83d", "\ud83da", "\ude00\ud83d", "😀\ude00", "\ud83d😀")) {
            assertThat(UTF_8.newEncoder().canEncode(id)).isFalse();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ConnectionId.check(id))
                    .withMessageContaining("half a surrogate pair");
        }
    }

    /** Each push to an id checks it. */
    @Test
    void aCheckAllocatesNothing() {
        String id = "users:Jörg😀";
        Fuzz.allocating(1_000, () -> {
            for (int i = 0; i < 1_000; i++) {
                String _ = ConnectionId.check(id);
            }
        });
    }
}
