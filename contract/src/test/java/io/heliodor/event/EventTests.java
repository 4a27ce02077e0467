package io.heliodor.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.heliodor.type.Type;
import java.io.DataInputStream;
import java.io.IOException;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names bound to types: events and calls. */
class EventTests {
    private record Text(String text) {}

    @Test
    void anEventIsItsNameAndItsType() {
        assertThat(Event.of("say", Text.class)).isEqualTo(new Event<>("say", Type.of(Text.class)));
        Type<Map<String, List<Integer>>> generic = new Type<>() {};
        assertThat(Event.of("scores", generic).type()).isEqualTo(new Type<Map<String, List<Integer>>>() {});
    }

    @Test
    void eventsAndCallsAreDeclaredByTheirTypesAlone() {
        assertThat(Stream.of(Event.class, Call.class).flatMap(type -> Stream.of(type.getMethods())))
                .filteredOn(method -> Modifier.isStatic(method.getModifiers()))
                .hasSize(4)
                .allMatch(method -> method.getName().equals("of"));
        assertThat(Event.of("bytes", ByteBuffer.class).isBinary()).isTrue();
        assertThat(Call.of("bytes", ByteBuffer.class, Empty.class).isBinary()).isTrue();
        assertThat(Event.of("go", Empty.class).isBinary()).isFalse();
        assertThat(Call.of("go", Empty.class, ByteBuffer.class).isBinary()).isFalse();
    }

    @Test
    void anEventOfObjectIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Event.of("any", Object.class))
                .withMessage(
                        "Event 'any' has a payload of java.lang.Object, of which a client knows nothing; take a record, a"
                                + " sealed interface of several records, Raw for JSON that is passed on, or a Type<Map<String, Object>>"
                                + " for an object with any properties.");
        assertThat(Event.of("any", new Type<Map<String, Object>>() {}).name()).isEqualTo("any");
    }

    @Test
    void aCallIsItsNameAndItsTypes() {
        assertThat(Call.of("save", Text.class, Empty.class))
                .isEqualTo(Call.of("save", Type.of(Text.class), Type.of(Empty.class)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "new_msg", "phx", "phx-", "été", "😀", "with space", "a.b:c"})
    void aNameMayBeAnythingElse(String name) {
        assertThat(Event.of(name, Empty.class).name()).isEqualTo(name);
        assertThat(Call.of(name, Empty.class, Empty.class).name()).isEqualTo(name);
    }

    private static void refused(String name, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Event.of(name, Empty.class))
                .withMessage(message);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Call.of(name, Empty.class, Empty.class))
                .withMessage(message);
    }

    @Test
    void anEmptyNameIsRefused() {
        refused("", "The name of an event is empty; give it 1 to 255 bytes.");
    }

    @Test
    void theProtocolsOwnNamesAreRefused() {
        refused("phx_join", "Event 'phx_join' begins with phx_, which is the protocol's own; choose another name.");
        refused("phx_\n", "Event 'phx_\\u000a' begins with phx_, which is the protocol's own; choose another name.");
    }

    @Test
    void aControlCharacterIsRefused() {
        refused("a\nb\u0085", "Event 'a\\u000ab\\u0085' has a control character; take it out.");
    }

    @Test
    void halfOfASurrogatePairIsRefused() {
        refused("a\ud800", "Event 'a\\ud800' has half of a surrogate pair; take it out.");
    }

    @Test
    void aNameOfMoreThan255BytesIsRefused() {
        assertThat(Event.of("é".repeat(127) + "x", Empty.class).name()).hasSize(128);
        String long256 = "é".repeat(128);
        refused(long256, "Event '" + long256 + "' has 256 bytes of UTF-8; at most 255 fit into a frame.");
    }

    @Test
    void aRefusedPayloadNamesItsFieldAndItsProblem() {
        var refusal = new InvalidPayload("body", "must be at most 2000 characters");
        assertThat(refusal).hasMessage("body must be at most 2000 characters");
        assertThat(refusal.field()).isEqualTo("body");
        assertThat(refusal.problem()).isEqualTo("must be at most 2000 characters");
    }

    @Test
    void aClientOnJava17CanUseIt() throws IOException {
        try (DataInputStream classFile = new DataInputStream(Event.class.getResourceAsStream("Event.class"))) {
            assertThat(classFile.readInt()).isEqualTo(0xCAFEBABE);
            assertThat(classFile.readUnsignedShort()).as("minor version").isZero();
            assertThat(classFile.readUnsignedShort()).as("major version").isEqualTo(61);
        }
    }
}
