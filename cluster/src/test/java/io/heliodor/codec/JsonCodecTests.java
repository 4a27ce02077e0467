package io.heliodor.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.codec.Decoded.Problem;
import io.heliodor.type.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonCodecTests {
    sealed interface Shape {
        record Circle(double radius) implements Shape {}

        record Group(List<Shape> parts, Map<String, Shape> named, Optional<Shape> best) implements Shape {}

        record Nothing() implements Shape {}

        enum Fixed implements Shape {
            UNIT,
            ZERO {
                @Override
                public String toString() {
                    return "nought";
                }
            }
        }

        sealed interface Round extends Shape {
            record Ball(int size) implements Round {}
        }
    }

    record Box<T>(T content, List<T> more) {}

    record Order(
            String id,
            int count,
            Instant at,
            Duration ttl,
            @Nullable String note,
            Optional<String> tag) {}

    record Holder(Shape.Circle circle, Shape shape) {}

    private static final Duration TTL = Duration.ofMillis(5);
    private static final String TEXTS = """
            {"id":"ö","count":1,"at":"2026-11-20T10:00:00.123Z","ttl":"PT0.005S","note":null,"tag":"t"}
            {"Group":{"parts":[{"Circle":{"radius":1.5}},{"Fixed":"nought"}],"named":{"k":{"Nothing":{}}},\
            "best":{"Ball":{"size":3}}}}
            {"content":-1,"more":[]}
            ["NaN"]
            """;

    private final Codecs codecs = Codecs.builder().build();

    private static <T> Decoded<T> read(Codec<T> codec, String json) {
        return codec.decode(json.getBytes(UTF_8));
    }

    private static <T> void assertRoundTrip(Codec<T> codec, T value) {
        assertThat(codec.decode(codec.encode(value))).isEqualTo(new Decoded.Value<>(value));
    }

    private static Problem problem(Decoded<?> decoded) {
        assertThat(decoded).isInstanceOf(Decoded.Refused.class);
        return ((Decoded.Refused<?>) decoded).problem();
    }

    /** A change of these bytes is a change of the wire: see docs/design/upgrade.md. */
    @Test
    void theBytesAreThoseOfTheWire() {
        Order order = new Order("ö", 1, Instant.parse("2026-11-20T10:00:00.123Z"), TTL, null, Optional.of("t"));
        Shape.Group group = new Shape.Group(
                List.of(new Shape.Circle(1.5), Shape.Fixed.ZERO),
                Map.of("k", new Shape.Nothing()),
                Optional.of(new Shape.Round.Ball(3)));
        List<byte[]> written = List.of(
                codecs.of(Order.class).encode(order),
                codecs.of(Shape.class).encode(group),
                codecs.of(new Type<Box<Long>>() {}).encode(new Box<>(-1L, List.of())),
                codecs.of(double[].class).encode(new double[] {Double.NaN}));
        assertThat(written)
                .extracting(bytes -> new String(bytes, UTF_8))
                .containsExactlyElementsOf(TEXTS.lines().toList());
    }

    @Test
    void aRecordIsReadAsItWasWritten() {
        assertRoundTrip(
                codecs.of(Order.class),
                new Order("a", 1, Instant.parse("2026-11-20T10:00:00.123456789Z"), TTL, null, Optional.of("t")));
        assertRoundTrip(codecs.of(double[].class).map(a -> a[0], d -> new double[] {d}), Double.NaN);
    }

    @Test
    void eachMemberOfASealedFamilyIsReadAsItWasWrittenInEachPlace() {
        Codec<Shape> codec = codecs.of(Shape.class);
        Shape circle = new Shape.Circle(1.5);
        for (Shape shape :
                List.of(circle, new Shape.Nothing(), Shape.Fixed.UNIT, Shape.Fixed.ZERO, new Shape.Round.Ball(3))) {
            assertRoundTrip(codec, shape);
            assertRoundTrip(codec, new Shape.Group(List.of(shape, circle), Map.of("k", shape), Optional.of(shape)));
            assertRoundTrip(codecs.of(Holder.class), new Holder(new Shape.Circle(2), shape));
            assertRoundTrip(codecs.of(new Type<Box<Shape>>() {}), new Box<>(shape, List.of(circle)));
        }
    }

    @Test
    void theTypeIsWrittenAsItsSimpleName() {
        assertThat(new String(codecs.of(Shape.class).encode(new Shape.Round.Ball(3)), UTF_8))
                .isEqualTo("{\"Ball\":{\"size\":3}}");
        assertThat(new String(codecs.of(Shape.Circle.class).encode(new Shape.Circle(1)), UTF_8))
                .isEqualTo("{\"radius\":1.0}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Square",
                "circle",
                "java.lang.String",
                "io.heliodor.codec.JsonCodecTests$Shape$Circle",
                "Order",
                "Round",
                "Shape"
            })
    void aNameThatIsNotPermittedIsNotLookedUp(String name) {
        assertThat(problem(read(codecs.of(Shape.class), "{\"" + name + "\":{\"radius\":1}}")))
                .isEqualTo(Problem.UNKNOWN_TYPE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "{}",
                "[]",
                "\"Circle\"",
                "{\"Circle\":{\"radius\":1}",
                "{\"Circle\":{\"radius\":1}} x",
                "{\"Circle\":{\"radius\":1}}{}",
                "{\"Circle\":{\"radius\":1},\"Nothing\":{}}",
                "{\"Circle\":{}}",
                "{\"Circle\":{\"radius\":null}}",
                "{\"Circle\":{\"radius\":\"1\"}}",
                "{\"Fixed\":0}",
                "{\"Group\":{\"parts\":[null],\"named\":{},\"best\":null}}"
            })
    void jsonThatDoesNotFitTheTypeIsMalformed(String json) {
        assertThat(problem(read(codecs.of(Shape.class), json))).isEqualTo(Problem.MALFORMED);
    }

    @Test
    void annotationsCannotMakeAFamilyAcceptNamesOfClasses() {
        assertThat(problem(read(codecs.of(Opened.class), "[\"io.heliodor.codec.JsonCodecTests$Gadget\",{}]")))
                .isEqualTo(Problem.MALFORMED);
        assertRoundTrip(codecs.of(Opened.class), new Only(1));
    }

    @com.fasterxml.jackson.annotation.JsonTypeInfo(
            use = com.fasterxml.jackson.annotation.JsonTypeInfo.Id.CLASS,
            include = com.fasterxml.jackson.annotation.JsonTypeInfo.As.WRAPPER_ARRAY)
    sealed interface Opened permits Only, Gadget {}

    record Only(int x) implements Opened {}

    record Gadget() implements Opened {}

    @Test
    void unknownComponentsAreIgnored() {
        assertThat(read(codecs.of(Shape.class), "{\"Circle\":{\"radius\":1,\"colour\":{\"r\":[1]}}}"))
                .isEqualTo(new Decoded.Value<>(new Shape.Circle(1)));
    }

    @Test
    void aNullThatTheReceiverWouldRefuseIsRefusedByTheSender() {
        Codec<Order> codec = codecs.of(Order.class);
        assertThatThrownBy(() -> codec.encode(new Order(null, 1, Instant.EPOCH, Duration.ZERO, null, Optional.empty())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("id of class")
                .hasMessageContaining("@Nullable");
    }

    @Test
    void aValueOverTheLimitIsNeitherWrittenNorParsed() {
        Codec<String> codec = Codecs.builder().limit(10).build().of(String.class);
        assertRoundTrip(codec, "12345678");
        assertThatThrownBy(() -> codec.encode("123456789")).isInstanceOfSatisfying(TooLarge.class, e -> {
            assertThat(e.size()).isEqualTo(11);
            assertThat(e.limit()).isEqualTo(10);
        });
        assertThat(problem(codec.decode("{\"not even\" JSON".getBytes(UTF_8)))).isEqualTo(Problem.TOO_LARGE);
    }

    sealed interface Open {
        record Closed() implements Open {}

        non-sealed class Loose implements Open {}
    }

    sealed interface Twins {
        record Left() implements Twins {
            record Name() {}
        }

        sealed interface A extends Twins {
            record Same() implements A {}
        }

        sealed interface B extends Twins {
            record Same() implements B {}
        }
    }

    static final class Bean {
        public String text = "";
    }

    record Beans(List<Bean> beans) {}

    /** A value class with one component. */
    static final class UserId {
        private final String text;

        @com.fasterxml.jackson.annotation.JsonCreator
        UserId(String text) {
            this.text = text;
        }

        @com.fasterxml.jackson.annotation.JsonValue
        public String text() {
            return text;
        }
    }

    @Test
    void aClassIsRefusedWhenItIsRegisteredUnlessItIsAValue() {
        assertThatThrownBy(() -> codecs.of(Beans.class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Bean at ")
                .hasMessageContaining("make it a record, or give a codec");
        Codec<UserId> codec = codecs.of(UserId.class);
        assertThat(codec.decode(codec.encode(new UserId("ann"))))
                .isInstanceOfSatisfying(
                        Decoded.Value.class,
                        value -> assertThat(value.value())
                                .isInstanceOfSatisfying(
                                        UserId.class,
                                        id -> assertThat(id.text()).isEqualTo("ann")));
    }

    record Anything(Object value) {}

    record Task(Runnable body) {}

    record Deep(List<Map<String, Optional<Comparable<String>>>> values) {}

    @ParameterizedTest
    @ValueSource(
            classes = {
                Open.class,
                Twins.class,
                Anything.class,
                Task.class,
                Deep.class,
                Object.class,
                Number.class,
                Box.class
            })
    void aTypeThatJsonCannotRepresentIsRefusedWhenItIsRegistered(Class<?> type) {
        assertThatThrownBy(() -> codecs.of(type)).isInstanceOf(IllegalArgumentException.class);
    }

    sealed interface Job permits Print, Run {}

    record Print(String text) implements Job {}

    record Run(Runnable body) implements Job {}

    @Test
    void aSubtypeThatJsonCannotRepresentIsRefusedByName() {
        assertThatThrownBy(() -> codecs.of(Job.class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(Run.class.getName() + ".body", "Runnable");
    }

    @Test
    void aTypeThatContainsItselfIsAccepted() {
        record Tree(int value, List<Tree> children, Set<String> tags) {}
        assertRoundTrip(codecs.of(Tree.class), new Tree(1, List.of(new Tree(2, List.of(), Set.of("x"))), Set.of()));
    }
}
