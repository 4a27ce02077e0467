package io.heliodor.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonValue;
import io.heliodor.event.Empty;
import io.heliodor.event.Raw;
import io.heliodor.event.Reason;
import io.heliodor.type.Type;
import io.heliodor.wire.schema.PayloadSchemas;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.annotation.JsonDeserialize;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.node.ObjectNode;

class PayloadTypesTests {
    private static final PayloadCodec CODEC = PayloadCodec.strict();

    enum Color {
        RED
    }

    interface Shape {}

    record Square(int side) implements Shape {}

    record Holder(String name, Shape shape) {}

    record Holders(Map<String, List<Holder>> all) {}

    record Nodes(Optional<Shape> shape) {}

    /** As a Kotlin compiler writes a data class: a constructor whose parameters have no names, and getters. */
    static final class Data {
        private final String first;
        private final int second;

        private Data(String first, int second) {
            this.first = first;
            this.second = second;
        }

        static Data of() {
            return new Data("a", 1);
        }

        public String getFirst() {
            return first;
        }

        public int getSecond() {
            return second;
        }
    }

    final class Inner {
        public String name = PayloadTypesTests.this.toString();
    }

    abstract static class Hidden {
        abstract int size();
    }

    static final class Sealed {
        private final int secret = new AtomicInteger().get();

        @Override
        public String toString() {
            return "sealed " + secret;
        }
    }

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
    @JsonSubTypes({@JsonSubTypes.Type(Circle.class), @JsonSubTypes.Type(Line.class)})
    sealed interface Figure {}

    record Circle(double radius) implements Figure {}

    record Line(List<Figure> ends) implements Figure {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.DEDUCTION)
    @JsonSubTypes({@JsonSubTypes.Type(Cat.class), @JsonSubTypes.Type(Dog.class)})
    interface Animal {}

    record Cat(int lives) implements Animal {}

    record Dog(String bone) implements Animal {}

    record Zoo(
            @JsonTypeInfo(use = JsonTypeInfo.Id.CLASS) List<Shape> shapes,
            @JsonTypeInfo(use = JsonTypeInfo.Id.CLASS) Shape one,
            @JsonDeserialize(as = Square.class) Shape square,
            Animal animal) {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
    sealed interface Vehicle permits Car, Boat, Ship {}

    record Car(int wheels) implements Vehicle {}

    sealed interface Boat extends Vehicle permits Canoe {}

    record Canoe(List<Vehicle> carries) implements Boat {}

    record Ship(@Nullable Ship tows) implements Vehicle {}

    /** One of its subtypes has a constructor that Jackson cannot call. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
    @JsonSubTypes({@JsonSubTypes.Type(Fine.class), @JsonSubTypes.Type(Bad.class)})
    interface Mixed {}

    record Fine(int number) implements Mixed {}

    static final class Bad implements Mixed {
        private final int first;

        private Bad(int first, int second) {
            this.first = first + second;
        }

        static Bad of() {
            return new Bad(1, 2);
        }

        public int getFirst() {
            return first;
        }
    }

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
    sealed interface Closed permits Deep {}

    record Deep(Holder holder) implements Closed {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
    interface Unlisted {}

    record OfProperty(
            @JsonTypeInfo(use = JsonTypeInfo.Id.NAME) @JsonSubTypes(@JsonSubTypes.Type(Foreign.class))
            List<Thing> things) {}

    interface Thing {}

    record Foreign(Data data) implements Thing {}

    record Everything(
            int number,
            long large,
            BigDecimal exact,
            String text,
            boolean flag,
            Optional<String> maybe,
            OptionalInt count,
            @Nullable String nothing,
            List<Integer> list,
            Set<Color> set,
            Map<Color, List<UUID>> map,
            EnumMap<Color, Locale> enums,
            List<Holderless> records,
            Instant at,
            LocalDate day,
            Duration duration,
            URI uri,
            JsonNode json,
            Object any,
            @Nullable Everything next) {}

    /** Each has one of the others: a search that goes from one to the next overflows the stack. */
    @Test
    void aSealedTypeMayHaveManySubtypes(@TempDir Path folder) throws Exception {
        StringBuilder source = new StringBuilder("public sealed interface Many {");
        for (int i = 0; i < 500; i++) {
            source.append(" record R").append(i).append("(java.util.Optional<Many> next) implements Many {}");
        }
        Path file = Files.writeString(folder.resolve("Many.java"), source + " }");
        assertThat(ToolProvider.getSystemJavaCompiler()
                        .run(null, null, null, "-d", folder.toString(), "-proc:none", file.toString()))
                .isZero();
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
            Type<?> many = Type.of(loader.loadClass("Many"));
            assertThatCode(() -> {
                        assertThat(CODEC.unreadable(many, true)).isEmpty();
                        assertThat(CODEC.unwritable(many)).isEmpty();
                        assertThat(new PayloadSchemas(CODEC).read(many)).isNotNull();
                    })
                    .doesNotThrowAnyException();
        }
    }

    record Holderless(Generic<String> generic) {}

    record Generic<T>(T value) {}

    record None() {}

    record Id(@JsonValue String text) {}

    static class Bean {
        private String name = "";
        private Map<String, Bean> children = Map.of();

        public String getName() {
            return name;
        }

        public void setName(String name) {
            this.name = name;
        }

        public Map<String, Bean> getChildren() {
            return children;
        }

        public void setChildren(Map<String, Bean> children) {
            this.children = children;
        }
    }

    static class Fields {
        public List<String> names = List.of();
    }

    static final class Created {
        public final String name;

        private Created(String name) {
            this.name = name;
        }

        @JsonCreator
        static Created of(Map<String, String> all) {
            return new Created(all.toString());
        }
    }

    @JsonDeserialize(using = OwnDeserializer.class)
    interface Own {}

    static final class OwnDeserializer extends ValueDeserializer<Own> {
        @Override
        public Own deserialize(JsonParser parser, DeserializationContext context) {
            parser.skipChildren();
            return new Own() {};
        }
    }

    static Stream<Type<?>> readable() {
        return Stream.of(
                Type.of(Everything.class),
                Type.of(Zoo.class),
                Type.of(Figure.class),
                Type.of(Animal.class),
                Type.of(Vehicle.class),
                new Type<Map<String, Vehicle>>() {},
                Type.of(None.class),
                Type.of(Bean.class),
                Type.of(Fields.class),
                Type.of(Created.class),
                Type.of(Own.class),
                Type.of(Reason.class),
                Type.of(Raw.class),
                Type.of(Empty.class),
                Type.of(ByteBuffer.class),
                Type.of(JsonNode.class),
                Type.of(ObjectNode.class),
                Type.of(Object.class),
                Type.of(Map.class),
                Type.of(Generic.class),
                new Type<Generic<int[]>>() {},
                new Type<Map<String, Object>>() {},
                new Type<Map<String, Generic<Instant>>>() {},
                new Type<Generic<List<Color>>>() {});
    }

    @ParameterizedTest
    @MethodSource("readable")
    void aTypeThatJacksonReadsIsAccepted(Type<?> type) {
        assertThat(CODEC.unreadable(type, true)).isEmpty();
        assertThat(CODEC.unwritable(type)).isEmpty();
        assertThat(CODEC.unvalidated(type)).isEmpty();
    }

    @Test
    void aCallMayHaveAnyJson() {
        for (Class<?> type : List.of(String.class, Integer.class, Color.class, Id.class, List.class)) {
            assertThat(CODEC.unreadable(Type.of(type), false))
                    .as(type.getName())
                    .isEmpty();
        }
    }

    static Stream<Type<?>> unreadable() {
        return Stream.of(
                Type.of(Shape.class),
                Type.of(Hidden.class),
                Type.of(Holder.class),
                Type.of(Holders.class),
                Type.of(Nodes.class),
                Type.of(Data.class),
                Type.of(Inner.class),
                new Type<Map<String, Shape>>() {},
                new Type<Generic<Shape>>() {},
                new Type<Map<String, Shape[]>>() {},
                new Type<Generic<Data>>() {},
                new Type<Map<Shape, String>>() {},
                Type.of(Mixed.class),
                new Type<Generic<List<Mixed>>>() {},
                Type.of(Closed.class),
                Type.of(Unlisted.class),
                Type.of(OfProperty.class));
    }

    @ParameterizedTest
    @MethodSource("unreadable")
    void aTypeThatJacksonCannotReadIsRefused(Type<?> type) {
        assertThat(CODEC.unreadable(type, true)).isNotEmpty();
    }

    @Test
    void theProblemNamesThePropertyAndTheWayOut() {
        assertThat(CODEC.unreadable(Type.of(Holder.class), true))
                .get()
                .asString()
                .contains("In 'shape', " + Shape.class.getName(), "@JsonTypeInfo");
        assertThat(CODEC.unreadable(Type.of(Data.class), true))
                .get()
                .asString()
                .contains(Data.class.getName(), "@JsonCreator", "json(mapper)");
        assertThat(Data.of().getFirst() + Data.of().getSecond()).isEqualTo("a1");
    }

    @Test
    void theProblemNamesTheSubtype() {
        assertThat(CODEC.unreadable(Type.of(Mixed.class), true))
                .get()
                .asString()
                .contains("In its subtype " + Bad.class.getName() + ", Jackson finds no constructor");
        assertThat(CODEC.unreadable(Type.of(Closed.class), true))
                .get()
                .asString()
                .contains(Deep.class.getName(), "in 'holder'", "in 'shape'", Shape.class.getName() + " is abstract");
        assertThat(CODEC.unreadable(Type.of(OfProperty.class), true))
                .get()
                .asString()
                .contains("In 'things', in its subtype " + Foreign.class.getName(), Data.class.getName());
        assertThat(CODEC.unreadable(Type.of(Unlisted.class), true))
                .get()
                .asString()
                .contains(Unlisted.class.getName(), "@JsonSubTypes");
        assertThat(Bad.of().getFirst()).isEqualTo(3);
    }

    @Test
    void subtypesThatAreRegisteredWithTheMapperCount() {
        JsonMapper mapper = JsonMapper.builder().registerSubtypes(Late.class).build();
        assertThat(PayloadCodec.strict(mapper).unreadable(Type.of(Unlisted.class), true))
                .isEmpty();
    }

    record Late(int number) implements Unlisted {}

    @Test
    void aValueThatWouldBeWrittenAsNothingIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CODEC.encode("say", new Sealed()))
                .withMessageContainingAll(Sealed.class.getName(), "as {}");
        assertThat(((Payload.Json) CODEC.encode("say", new None())).length()).isEqualTo(2);
        assertThat(((Payload.Json) CODEC.encode("say", Map.of())).length()).isEqualTo(2);
    }

    @Test
    void modulesAndMixinsOfTheMapperCount() {
        JsonMapper mapper = JsonMapper.builder()
                .addModule(new SimpleModule().addAbstractTypeMapping(Shape.class, Square.class))
                .addMixIn(Hidden.class, Own.class)
                .build();
        PayloadCodec codec = PayloadCodec.strict(mapper);
        assertThat(codec.unreadable(Type.of(Holder.class), true)).isEmpty();
        assertThat(codec.unreadable(Type.of(Hidden.class), true)).isEmpty();
    }

    @Test
    void aTypeWithoutWrittenPropertiesIsRefused() {
        assertThat(CODEC.unwritable(Type.of(Sealed.class))).get().asString().contains(Sealed.class.getName(), "as {}");
        assertThat(CODEC.unwritable(Type.of(Shape.class))).isEmpty();
        assertThat(PayloadCodec.strict(JsonMapper.builder()
                                .changeDefaultVisibility(
                                        checker -> checker.withFieldVisibility(JsonAutoDetect.Visibility.ANY))
                                .build())
                        .unwritable(Type.of(Sealed.class)))
                .isEmpty();
    }

    record Constrained(@NotBlank String name) {}

    record Elements(List<@NotBlank String> names) {}

    record Nested(Map<String, List<Constrained>> all) {}

    record OnlyRequired(@NotNull String name) {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
    sealed interface Command permits Rename {}

    record Rename(@NotBlank String name) implements Command {}

    record Repeated(
            @Pattern(regexp = "a.*") @Pattern(regexp = ".*b")
            String name) {}

    record RepeatedElements(List<@Pattern(regexp = "a.*") @Pattern(regexp = ".*b") String> names) {}

    interface Titled {
        @NotBlank
        String title();
    }

    interface Book extends Titled {}

    record Novel(String title) implements Book {}

    interface Listed {
        List<@NotBlank String> names();
    }

    record Names(List<String> names) implements Listed {}

    static class Shelf extends Bean implements Book {
        @Override
        public String title() {
            return getName();
        }
    }

    static final class TopShelf extends Shelf {}

    /** Of the type, with the constraint and its place. */
    private static void isConstrained(Class<?> type, String found) {
        assertThat(CODEC.unvalidated(Type.of(type)))
                .get()
                .asString()
                .contains("the constraint " + found + ", ", "validator(...)");
    }

    @Test
    void aConstraintOfBeanValidationIsFound() {
        String constrained = "@NotBlank on 'name' of " + Constrained.class.getName();
        isConstrained(Constrained.class, constrained);
        isConstrained(Elements.class, "@NotBlank on 'names' of " + Elements.class.getName());
        isConstrained(Nested.class, constrained);
        isConstrained(Command.class, "@NotBlank on 'name' of " + Rename.class.getName());
        assertThat(CODEC.unvalidated(Type.of(OnlyRequired.class))).isEmpty();
    }

    @Test
    void aRepeatedConstraintIsFound() {
        isConstrained(Repeated.class, "@Pattern on 'name' of " + Repeated.class.getName());
        isConstrained(RepeatedElements.class, "@Pattern on 'names' of " + RepeatedElements.class.getName());
    }

    @Test
    void aConstraintOfAnInterfaceIsFound() {
        isConstrained(Novel.class, "@NotBlank on 'title' of " + Novel.class.getName());
        isConstrained(Names.class, "@NotBlank on 'names' of " + Names.class.getName());
        isConstrained(TopShelf.class, "@NotBlank on 'title' of " + TopShelf.class.getName());
    }
}
