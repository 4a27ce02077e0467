package io.heliodor.client.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.client.wire.Payload;
import io.heliodor.event.Empty;
import io.heliodor.event.Raw;
import io.heliodor.type.Type;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class JsonPayloadsTests {
    record Note(int number, Optional<String> text) {}

    record Strict(int number) {
        Strict {
            if (number < 0) {
                throw new IllegalArgumentException("negative");
            }
        }
    }

    sealed interface Shape {}

    record Circle(double radius) implements Shape {}

    record Square(int side) implements Shape {}

    record Drawing(List<Shape> shapes, Raw raw) {}

    private final JsonPayloads payloads = new JsonPayloads(new JsonMapper());

    private <T> T read(Class<T> type, String json) throws UnreadablePayload {
        return payloads.read(Type.of(type), Payload.json(json));
    }

    private String write(Class<?> type, Object value) {
        return payloads.write("test", Type.of(type), value).text();
    }

    @Test
    void recordsAreReadAndWritten() throws Exception {
        assertThat(write(Note.class, new Note(1, Optional.of("a")))).isEqualTo("{\"number\":1,\"text\":\"a\"}");
        assertThat(read(Note.class, "{\"number\":1,\"unknown\":[1]}")).isEqualTo(new Note(1, Optional.empty()));
    }

    @Test
    void theFieldTypeNamesTheSubtype() throws Exception {
        assertThat(write(Shape.class, new Circle(1.5))).isEqualTo("{\"type\":\"Circle\",\"radius\":1.5}");
        assertThat(read(Shape.class, "{\"side\":3,\"type\":\"Square\"}")).isEqualTo(new Square(3));
        Drawing drawing = new Drawing(List.of(new Square(1), new Circle(2)), Raw.of("{\"a\":1.50}"));
        String json =
                "{\"shapes\":[{\"type\":\"Square\",\"side\":1},{\"type\":\"Circle\",\"radius\":2.0}],\"raw\":{\"a\":1.50}}";
        assertThat(write(Drawing.class, drawing)).isEqualTo(json);
        assertThat(read(Drawing.class, json)).isEqualTo(drawing);
    }

    @Test
    void rawJsonIsPassedOn() throws Exception {
        assertThat(write(Raw.class, Raw.of(" {\"a\": 1e400} "))).isEqualTo("{\"a\": 1e400}");
        assertThat(read(Raw.class, "{ \"a\" : 1 }")).isEqualTo(Raw.of("{ \"a\" : 1 }"));
    }

    @Test
    void bytesAreTheContentOfABuffer() throws Exception {
        ByteBuffer buffer = ByteBuffer.wrap(new byte[] {1, 2, 3}, 1, 2);
        Payload payload = payloads.write("test", Type.of(ByteBuffer.class), buffer);
        assertThat(payload.isBinary()).isTrue();
        assertThat(buffer.remaining()).isEqualTo(2);
        assertThat(payloads.read(Type.of(ByteBuffer.class), payload)).isEqualTo(ByteBuffer.wrap(new byte[] {2, 3}));
    }

    @Test
    void emptyIsAnyPayload() throws Exception {
        assertThat(write(Empty.class, Empty.EMPTY)).isEqualTo("{}");
        assertThat(read(Empty.class, "[1]")).isEqualTo(Empty.EMPTY);
    }

    @Test
    void aPayloadThatDoesNotFitIsUnreadable() {
        for (String json :
                new String[] {"[]", "5", "null", "{\"number\":\"x\"}", "{\"number\":null}", "{\"number\":1e99}"}) {
            assertThatThrownBy(() -> read(Strict.class, json)).as(json).isInstanceOf(UnreadablePayload.class);
        }
        assertThatThrownBy(() -> read(Strict.class, "{\"number\":-1}")).isInstanceOf(UnreadablePayload.class);
        assertThatThrownBy(() -> read(Shape.class, "{\"type\":\"Line\"}")).isInstanceOf(UnreadablePayload.class);
        assertThatThrownBy(() -> read(ByteBuffer.class, "{}")).isInstanceOf(UnreadablePayload.class);
        assertThatThrownBy(() -> payloads.read(Type.of(Note.class), Payload.binary(new byte[] {'{', '}'}, 0, 2)))
                .isInstanceOf(UnreadablePayload.class);
        assertThatThrownBy(() -> read(Raw.class, "[".repeat(64) + "]".repeat(64)))
                .isInstanceOf(UnreadablePayload.class);
    }

    @Test
    void numbersAreFinite() throws Exception {
        record Measure(double value, List<Object> others) {}
        assertThatThrownBy(() -> write(Measure.class, new Measure(Double.NaN, List.of())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("NaN is not a number of JSON");
        assertThatThrownBy(() -> write(Measure.class, new Measure(1, List.of(Float.POSITIVE_INFINITY))))
                .hasMessageContaining("Infinity is not a number of JSON");
        for (String json :
                new String[] {"{\"value\":1e400,\"others\":[]}", "{\"value\":1,\"others\":[{\"a\":1e99999}]}"}) {
            assertThatThrownBy(() -> read(Measure.class, json)).as(json).isInstanceOf(UnreadablePayload.class);
        }
        assertThat(read(Measure.class, "{\"value\":1e300,\"others\":[1e300]}").value())
                .isEqualTo(1e300);
    }

    @Test
    void aValueThatIsNotAnObjectIsRefused() {
        assertThatThrownBy(() -> write(List.class, List.of(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("wrap it in a record");
        assertThatThrownBy(() -> write(Raw.class, Raw.of("1"))).hasMessageContaining("wrap it in a record");
        assertThat(write(Map.class, Map.of("a", 1))).isEqualTo("{\"a\":1}");
    }
}
