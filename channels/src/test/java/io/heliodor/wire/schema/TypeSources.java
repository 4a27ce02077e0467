package io.heliodor.wire.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Writes a source file of Java with payload types and values of them, by a seed. The types use what users of Jackson write: records,
 * beans, creators, sealed and annotated families, generics, and the annotations of properties.
 */
final class TypeSources {
    /** The JSON of a property, as its annotations declare it. */
    private enum Trait {
        /** A text in a format of Java, which its schema does not describe. */
        LOOSE,
        /** It is not read as it is written. */
        ONE_WAY,
        /** An integer without limits: a schema does not see that one beyond 2^53 has an exponent. */
        UNLIMITED,
        /** A value of any type, of which a schema does not say that its numbers are finite. */
        TREE
    }

    /**
     * A type of properties.
     *
     * @param annotations the annotations of the property
     * @param type the type
     * @param values expressions of Java
     * @param unwritable expressions of values that cannot be written
     */
    private record Kind(
            String annotations, String type, List<String> values, List<String> unwritable, List<Trait> traits) {
        Kind with(Trait trait) {
            List<Trait> all = new ArrayList<>(traits);
            all.add(trait);
            return new Kind(annotations, type, values, unwritable, all);
        }

        Kind not(String... expressions) {
            return new Kind(annotations, type, values, List.of(expressions), traits);
        }

        Kind annotated(String annotation) {
            return new Kind(annotation + " " + annotations, type, values, unwritable, traits);
        }

        boolean is(Trait trait) {
            return traits.contains(trait);
        }
    }

    private static Kind kind(String type, String... values) {
        return new Kind("", type, List.of(values), List.of(), List.of());
    }

    private static final String TEXT = "@JsonFormat(shape = JsonFormat.Shape.STRING)";
    private static final String NUMBER = "@JsonFormat(shape = JsonFormat.Shape.NUMBER)";
    private static final String BY_TEXT = "@JsonSerialize(using = ToStringSerializer.class)";

    private static final List<Kind> NUMBERS = List.of(
            kind("int", "0", "-1", "Integer.MAX_VALUE", "Integer.MIN_VALUE"),
            kind("Integer", "7"),
            kind("long", "0L", "Long.MAX_VALUE", "Long.MIN_VALUE", "9007199254740993L"),
            kind("Long", "1L"),
            kind("short", "(short) 1", "Short.MIN_VALUE", "Short.MAX_VALUE"),
            kind("Byte", "(byte) 1", "Byte.MIN_VALUE"),
            kind("byte", "(byte) 127"),
            kind("double", "0.1", "-0.0", "Double.MAX_VALUE", "Double.MIN_VALUE")
                    .not("Double.NaN", "Double.POSITIVE_INFINITY"),
            kind("Double", "1e300").not("Double.NEGATIVE_INFINITY"),
            kind("float", "0.1f", "-Float.MAX_VALUE", "Float.MIN_VALUE").not("Float.NaN"),
            kind("Float", "2f").not("Float.POSITIVE_INFINITY"),
            kind("BigDecimal", "new BigDecimal(\"1.50\")", "new BigDecimal(\"1e-400\")", "new BigDecimal(\"1e400\")"),
            kind("BigInteger", "BigInteger.TWO.pow(80)", "BigInteger.ZERO").with(Trait.UNLIMITED),
            kind("AtomicInteger", "new AtomicInteger(3)"),
            kind("AtomicLong", "new AtomicLong(-3)"),
            kind("Number", "1", "1.5", "new BigDecimal(\"2.50\")").with(Trait.TREE),
            kind("long", "0L", "Long.MAX_VALUE", "Long.MIN_VALUE").annotated(TEXT),
            kind("Long", "5L").annotated(TEXT),
            kind("Long", "-5L").annotated(BY_TEXT),
            kind("long", "Long.MAX_VALUE").annotated(BY_TEXT),
            kind("int", "-7").annotated(TEXT),
            kind("short", "(short) 7").annotated(TEXT),
            kind("BigDecimal", "new BigDecimal(\"19.90\")", "new BigDecimal(\"1e40\")", "new BigDecimal(\"-0.000\")")
                    .annotated(TEXT),
            kind("BigInteger", "BigInteger.TWO.pow(100).negate()")
                    .annotated(TEXT)
                    .with(Trait.UNLIMITED),
            kind("double", "0.5", "1e300").annotated(TEXT).not("Double.NaN"),
            kind("boolean", "true", "false"),
            kind("Boolean", "true"),
            kind("AtomicBoolean", "new AtomicBoolean(true)"));

    private static final List<Kind> TEXTS = List.of(
            kind("String", "\"\"", "\"a\"", "\"\\ud800\"", "\"\\ud83d\\ude00\\u2028</script>\"", "\"1\""),
            kind("char", "'a'", "'\\u0000'", "'\\ud800'", "'\"'"),
            kind("Character", "'x'"),
            kind("CharSequence", "\"cs\""),
            kind("UUID", "new UUID(1, 2)", "new UUID(-1, -2)"),
            kind("Color", "Color.RED", "Color.GREEN"),
            kind("Sided", "Sided.LEFT"),
            kind("Coded", "Coded.A"),
            kind("Numbered", "Numbered.TWO"),
            kind("WithBody", "WithBody.X"),
            kind("Texted", "Texted.P"),
            kind("Aliased", "Aliased.RED", "Aliased.BLUE"),
            kind("Mixed", "Mixed.ONE", "Mixed.TWO"),
            kind("Ordinal", "Ordinal.FIRST"),
            kind("Level", "Level.LOW").with(Trait.ONE_WAY),
            kind("Color", "Color.GREEN").annotated("@JsonFormat(shape = JsonFormat.Shape.NUMBER_INT)"),
            kind("DayOfWeek", "DayOfWeek.SUNDAY"),
            kind("Month", "Month.MARCH"),
            kind("byte[]", "new byte[0]", "new byte[] {-1, -2, -3, 0}"),
            kind("Id", "new Id(\"i\")", "new Id(\"\")"),
            kind("char[]", "new char[] {'a', 'b'}"),
            kind("URI", "URI.create(\"http://a/b\")").with(Trait.LOOSE),
            kind("Locale", "Locale.GERMANY").with(Trait.LOOSE),
            kind("Currency", "Currency.getInstance(\"EUR\")").with(Trait.LOOSE),
            kind("ZoneId", "ZoneId.of(\"Europe/Berlin\")").with(Trait.LOOSE),
            kind("StringBuilder", "new StringBuilder(\"sb\")"));

    private static final List<Kind> TIMES = List.of(
            kind("Instant", "Instant.EPOCH", "Instant.parse(\"2026-01-02T03:04:05.123456789Z\")")
                    .not("Instant.MAX"),
            kind("OffsetDateTime", "OffsetDateTime.parse(\"2026-01-02T03:04+02:00\")")
                    .not("OffsetDateTime.MIN"),
            kind("ZonedDateTime", "ZonedDateTime.parse(\"2026-01-02T03:04:05+01:00[Europe/Berlin]\")"),
            kind("LocalDate", "LocalDate.EPOCH", "LocalDate.of(2024, 2, 29)").not("LocalDate.MAX"),
            kind("LocalTime", "LocalTime.NOON").with(Trait.LOOSE),
            kind("LocalDateTime", "LocalDateTime.of(2026, 1, 2, 3, 4)").with(Trait.LOOSE),
            kind("OffsetTime", "OffsetTime.parse(\"03:04:05+02:00\")").with(Trait.LOOSE),
            kind("Duration", "Duration.ofSeconds(5, 7)", "Duration.ZERO").with(Trait.LOOSE),
            kind("Period", "Period.ofMonths(3)").with(Trait.LOOSE),
            kind("YearMonth", "YearMonth.of(2026, 1)").with(Trait.LOOSE),
            kind("MonthDay", "MonthDay.of(2, 29)").with(Trait.LOOSE),
            kind("Year", "Year.of(2026)"),
            kind("Instant", "Instant.EPOCH").annotated(NUMBER).with(Trait.LOOSE),
            kind("Duration", "Duration.ofSeconds(5)").annotated(NUMBER).with(Trait.LOOSE),
            kind("LocalDate", "LocalDate.EPOCH")
                    .annotated("@JsonFormat(pattern = \"dd.MM.yyyy\")")
                    .with(Trait.LOOSE),
            kind("LocalDateTime", "LocalDateTime.of(2026, 1, 2, 3, 4)")
                    .annotated("@JsonFormat(pattern = \"yyyy-MM-dd HH:mm\")")
                    .with(Trait.LOOSE));

    private static final List<Kind> TREES = List.of(
            kind("Object", "1", "\"a\"", "Map.of(\"a\", List.of(1.5))")
                    .not("Double.NaN", "List.of(Double.NEGATIVE_INFINITY)")
                    .with(Trait.TREE),
            kind("JsonNode", "JsonNodeFactory.instance.numberNode(1)", "JsonNodeFactory.instance.objectNode()")
                    .not("JsonNodeFactory.instance.arrayNode().add(Double.NaN)")
                    .with(Trait.TREE),
            kind("ObjectNode", "JsonNodeFactory.instance.objectNode().put(\"a\", 1)")
                    .with(Trait.TREE),
            kind("Raw", "Raw.of(\"[1]\")", "Raw.of(\"\\\"null\\\"\")").with(Trait.TREE),
            kind("Inner", "new Inner(\"s\", 1)"),
            kind("Inner[]", "new Inner[] {new Inner(\"t\", 2)}"),
            kind("Tree", "new Tree(\"a\", List.of(new Tree(\"b\", List.of())))"),
            kind("Shape", "new Circle(1.5)", "new Square(2)", "new None()"),
            kind("Animal", "new Cat(9)", "new Dog(\"w\")"),
            kind("Step", "new Up(1)"),
            kind("Aged", "new Old(\"old\", 1)"),
            kind("Pair<Integer, String>", "new Pair<>(1, \"a\")"),
            kind("Pair<Shape, List<Inner>>", "new Pair<>(new None(), List.of(new Inner(\"p\", 3)))"),
            kind("Node<Integer>", "new Node<>(1, Optional.of(new Node<>(2, Optional.empty())))"),
            kind("Bean", "new Bean(\"n\", 3)"),
            kind("Created", "new Created(4)"),
            kind("Numbers", "new Numbers(List.of(1, 2))"),
            kind("Point", "new Point(1, 2)"),
            kind("Snake", "new Snake(\"a\", Optional.of(\"b\"))", "new Snake(\"a\", Optional.empty())"),
            kind("Void2", "new Void2()"),
            kind("Rest", "new Rest(1, Map.of())", "new Rest(1, Map.of(\"b\", \"c\", \"rest\", \"d\"))"),
            kind("RestBean", "new RestBean()", "new RestBean(2)"),
            kind("UserId", "new UserId(5)", "new UserId(Long.MIN_VALUE)"),
            kind("Key", "new Key(new UUID(1, 2))"),
            kind("Tags", "new Tags(List.of())", "new Tags(List.of(\"a\"))"),
            kind("Email", "new Email(\"a@b\")"),
            kind("Rate", "new Rate(0.5)").not("new Rate(Double.NaN)"),
            kind("Text1", "new Text1(\"t\")"),
            kind("Plant", "new Oak(3)", "new Weed(\"w\")", "new Fern(Map.of(\"f\", 1))"),
            kind("Built", "new Built(1, \"b\")"),
            kind("int[]", "new int[] {1, -1}", "new int[0]"),
            kind("double[]", "new double[] {1.5}").not("new double[] {Double.NaN}"),
            kind("float[]", "new float[] {1.5f}").not("new float[] {Float.NEGATIVE_INFINITY}"),
            kind("boolean[]", "new boolean[] {true}"),
            kind("short[]", "new short[] {1}"),
            kind("long[]", "new long[] {1, Long.MAX_VALUE}"),
            kind("byte[][]", "new byte[][] {{1}}"),
            kind("OptionalInt", "OptionalInt.of(1)", "OptionalInt.empty()"),
            kind("OptionalLong", "OptionalLong.of(1)"),
            kind("OptionalDouble", "OptionalDouble.of(1)", "OptionalDouble.empty()")
                    .not("OptionalDouble.of(Double.NaN)"));

    private static final List<Kind> KEYS = List.of(
            kind("String", "\"k\"", "\"\""),
            kind("Integer", "1", "-5"),
            kind("Long", "Long.MIN_VALUE"),
            kind("Short", "(short) 3"),
            kind("Byte", "(byte) -3"),
            kind("UUID", "new UUID(3, 4)"),
            kind("Boolean", "true"),
            kind("Double", "1.5", "1e300"),
            kind("BigInteger", "BigInteger.TWO.pow(70)"),
            kind("Color", "Color.RED"),
            kind("Sided", "Sided.RIGHT"),
            kind("Coded", "Coded.B"),
            kind("Texted", "Texted.Q"),
            kind("Numbered", "Numbered.ONE"),
            kind("Aliased", "Aliased.BLUE"),
            kind("Id", "new Id(\"id\")"),
            kind("LocalDate", "LocalDate.EPOCH"),
            kind("Instant", "Instant.EPOCH"),
            kind("LocalTime", "LocalTime.NOON").with(Trait.LOOSE),
            kind("Character", "'c'"));

    private static final String SHARED = """
            public enum Color { RED, GREEN }
            public enum Sided { @JsonProperty("left-side") LEFT, @JsonProperty("right-side") RIGHT }
            public enum Coded { A("a-1"), B("b-2"); final String code; Coded(String c) { code = c; } @JsonValue public String code() { return code; } }
            public enum Numbered { ONE(1), TWO(2); final int n; Numbered(int n) { this.n = n; } @JsonValue public int n() { return n; } }
            public enum WithBody { X { }, Y { } }
            public enum Texted { P, Q; @Override public String toString() { return "t-" + name(); } }
            public enum Aliased { @JsonAlias({"red", "Red"}) RED, BLUE }
            @JsonFormat(shape = JsonFormat.Shape.NUMBER_INT) public enum Ordinal { ZERO, FIRST }
            public enum Level { LOW, HIGH, @JsonEnumDefaultValue OTHER }
            public record Id(@JsonValue String value) { @JsonCreator public static Id of(String v) { return new Id(v); } }
            public record Inner(String street, int zip) {}
            public record Tree(String name, List<Tree> children) {}
            public sealed interface Shape permits Circle, Poly, None {}
            public record Circle(double radius) implements Shape {}
            public sealed interface Poly extends Shape permits Square, Tri {}
            public record Square(int side) implements Poly {}
            public record Tri(int a, int b) implements Poly {}
            public record None() implements Shape {}
            @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
            @JsonSubTypes({@JsonSubTypes.Type(value = Cat.class, name = "cat"), @JsonSubTypes.Type(value = Dog.class, names = {"dog", "hound"})})
            public interface Animal {}
            public record Cat(int lives) implements Animal {}
            public record Dog(String bark) implements Animal {}
            @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, include = JsonTypeInfo.As.WRAPPER_OBJECT)
            @JsonSubTypes({@JsonSubTypes.Type(value = Up.class, name = "up"), @JsonSubTypes.Type(value = Down.class, name = "down")})
            public interface Step {}
            public record Up(int n) implements Step {}
            public record Down(int n) implements Step {}
            @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, include = JsonTypeInfo.As.EXISTING_PROPERTY, property = "age", visible = true)
            @JsonSubTypes({@JsonSubTypes.Type(value = Old.class, name = "old"), @JsonSubTypes.Type(value = Young.class, name = "young")})
            public sealed interface Aged permits Old, Young {}
            public record Old(String age, int a) implements Aged {}
            public record Young(String age, int b) implements Aged {}
            public record Pair<A, B>(A first, B second) {}
            public record Node<T>(T value, Optional<Node<T>> next) {}
            public static final class Bean {
                private String name; public int count;
                public Bean() {}
                Bean(String n, int c) { name = n; count = c; }
                public String getName() { return name; }
                public void setName(String n) { name = n; }
            }
            public static final class Created { private final int a; @JsonCreator public Created(@JsonProperty("a") int a) { this.a = a; } public int getA() { return a; } }
            public record Numbers(List<Integer> values) { @JsonCreator(mode = JsonCreator.Mode.DELEGATING) public Numbers {} @JsonValue public List<Integer> values() { return values; } }
            @JsonFormat(shape = JsonFormat.Shape.ARRAY) public record Point(int x, int y) {}
            @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class) public record Snake(String firstName, Optional<String> nickName) {}
            public record Void2() {}
            @JsonFormat(shape = JsonFormat.Shape.NUMBER_INT) public enum Mixed { @JsonProperty("one") @JsonAlias("first") ONE, @JsonAlias("second") TWO }
            public record Rest(int a, @JsonAnySetter @JsonAnyGetter Map<String, String> rest) {}
            public static final class RestBean {
                public int size;
                private final Map<String, Integer> rest = new TreeMap<>();
                public RestBean() {}
                RestBean(int n) { size = n; rest.put("x", n); }
                @JsonAnyGetter public Map<String, Integer> rest() { return rest; }
                @JsonAnySetter public void put(String name, Integer value) { rest.put(name, value); }
            }
            public record UserId(@JsonValue long id) { @JsonCreator(mode = JsonCreator.Mode.DELEGATING) public UserId {} }
            public record Key(@JsonValue UUID id) { public Key(String id) { this(UUID.fromString(id)); } }
            public record Tags(@JsonValue List<String> all) { @JsonCreator public Tags {} public Tags(String all) { this(List.of(all)); } }
            public static final class Email {
                private String address = "";
                protected Email() {}
                @JsonCreator public Email(String address) { this.address = address; }
                @JsonValue public String getAddress() { return address; }
            }
            public static final class Rate { @JsonValue public final double value; public Rate(double v) { value = v; } }
            public static final class Text1 { public String text; public Text1() {} public Text1(String t) { text = t; } public Text1(int n) { text = "" + n; } }
            @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind", defaultImpl = Weed.class)
            @JsonSubTypes({@JsonSubTypes.Type(value = Oak.class, name = "oak"), @JsonSubTypes.Type(value = Weed.class, name = "weed"), @JsonSubTypes.Type(value = Fern.class, name = "fern")})
            public sealed interface Plant permits Oak, Weed, Fern {}
            public record Oak(int age) implements Plant {}
            public record Weed(String name) implements Plant {}
            public record Fern(@JsonAnySetter @JsonAnyGetter Map<String, Integer> leaves) implements Plant {}
            @JsonDeserialize(builder = Built.Builder.class) public static final class Built {
                private final int a; private final String b;
                Built(int a, String b) { this.a = a; this.b = b; }
                public int getA() { return a; }
                public String getB() { return b; }
                @JsonPOJOBuilder public static final class Builder {
                    private int a; private String b = "default";
                    public Builder withA(int a) { this.a = a; return this; }
                    public Builder withB(String b) { this.b = b; return this; }
                    public Built build() { return new Built(a, b); }
                }
            }
            """;

    private final Random random;
    private final StringBuilder text = new StringBuilder();

    private TypeSources(long seed) {
        random = new Random(seed);
    }

    static String className(long seed) {
        return "Types" + seed;
    }

    /** A source file with so many types, and a method {@code samples()}: an array of {@code {name, Type, values, unwritable values, traits, source}}. */
    static String of(long seed, int types) {
        TypeSources sources = new TypeSources(seed);
        sources.file(className(seed), types);
        return sources.text.toString();
    }

    private void file(String name, int types) {
        text.append("""
                import com.fasterxml.jackson.annotation.*;
                import io.heliodor.event.Raw;
                import io.heliodor.type.Type;
                import java.math.*;
                import java.net.URI;
                import java.time.*;
                import java.util.*;
                import java.util.concurrent.atomic.*;
                import java.util.function.Supplier;
                import org.jspecify.annotations.Nullable;
                import tools.jackson.databind.JsonNode;
                import tools.jackson.databind.PropertyNamingStrategies;
                import tools.jackson.databind.annotation.*;
                import tools.jackson.databind.node.*;
                import tools.jackson.databind.ser.std.ToStringSerializer;
                """);
        text.append("public final class ").append(name).append(" {\n").append(SHARED);
        List<String> samples =
                IntStream.range(0, types).mapToObj(i -> sample("T" + i)).toList();
        IntStream.range(0, types)
                .forEach(i -> text.append("  static Object[] sample")
                        .append(i)
                        .append("() { return ")
                        .append(samples.get(i))
                        .append("; }\n"));
        text.append("  public static List<Supplier<Object[]>> samples() { return List.of(")
                .append(IntStream.range(0, types)
                        .mapToObj(i -> name + "::sample" + i)
                        .collect(Collectors.joining(", ")))
                .append("); }\n}\n");
    }

    private <T> T any(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }

    private boolean oneOf(int many) {
        return random.nextInt(many) == 0;
    }

    private Kind scalar() {
        return any(any(List.of(NUMBERS, NUMBERS, TEXTS, TEXTS, TIMES, TREES)));
    }

    /** A kind, perhaps inside of a container. */
    private Kind component() {
        Kind plain = scalar();
        if (!plain.annotations().isEmpty()) {
            return plain;
        }
        String boxed = boxed(plain.type());
        return switch (random.nextInt(18)) {
            case 0 ->
                container(plain, "List<" + boxed + ">", value -> "List.<" + boxed + ">of(" + value + ")", "List.of()");
            case 1 ->
                container(
                        plain,
                        "Set<" + boxed + ">",
                        value -> "new LinkedHashSet<" + boxed + ">(List.<" + boxed + ">of(" + value + "))",
                        "Set.of()");
            case 2, 3 -> map(plain, boxed);
            case 4 ->
                plain.type().startsWith("Optional")
                        ? plain
                        : container(
                                plain,
                                "Optional<" + boxed + ">",
                                value -> "Optional.<" + boxed + ">of(" + value + ")",
                                "Optional.empty()");
            case 5 -> plain.type().equals(boxed) ? nullable(plain) : plain;
            case 6 ->
                container(
                        plain,
                        "List<Optional<" + boxed + ">>",
                        value -> "List.of(Optional.<" + boxed + ">of(" + value + "))",
                        "List.of(Optional.empty())");
            case 7 ->
                container(
                        plain,
                        "Map<String, List<" + boxed + ">>",
                        value -> "Map.of(\"k\", List.<" + boxed + ">of(" + value + "))",
                        "Map.of()");
            case 8 ->
                container(
                        plain,
                        "Pair<" + boxed + ", Integer>",
                        value -> "new Pair<" + boxed + ", Integer>(" + value + ", 1)");
            case 9 ->
                container(
                        plain,
                        "Map<String, List<" + annotated(boxed) + ">>",
                        value -> "Map.of(\"k\", Arrays.<" + boxed + ">asList(" + value + ", null))");
            case 10 ->
                container(
                        plain,
                        "List<" + annotated(boxed) + ">",
                        value -> "Arrays.<" + boxed + ">asList(null, " + value + ")");
            case 11 ->
                container(
                        plain,
                        "List<@Nullable List<" + boxed + ">>",
                        value -> "Arrays.<List<" + boxed + ">>asList(List.<" + boxed + ">of(" + value + "), null)");
            default -> plain;
        };
    }

    /** A type argument that may be null. */
    private static String annotated(String boxed) {
        int array = boxed.indexOf('[');
        return array < 0 ? "@Nullable " + boxed : boxed.substring(0, array) + " @Nullable " + boxed.substring(array);
    }

    private static Kind container(Kind plain, String type, IntFunctionOfText of, String... more) {
        List<String> values =
                new ArrayList<>(plain.values().stream().map(of::apply).toList());
        values.addAll(List.of(more));
        return new Kind(
                "", type, values, plain.unwritable().stream().map(of::apply).toList(), plain.traits());
    }

    /** A function of texts. */
    private interface IntFunctionOfText {
        String apply(String value);
    }

    private Kind map(Kind plain, String boxed) {
        Kind key = any(KEYS);
        Kind made = container(
                plain,
                "Map<" + key.type() + ", " + boxed + ">",
                value -> "Map.<" + key.type() + ", " + boxed + ">of(" + any(key.values()) + ", " + value + ")",
                "Map.of()");
        return key.is(Trait.LOOSE) ? made.with(Trait.LOOSE) : made;
    }

    private static Kind nullable(Kind plain) {
        List<String> values = new ArrayList<>(plain.values());
        values.add("null");
        return new Kind("@Nullable", plain.type(), values, plain.unwritable(), plain.traits());
    }

    private static String boxed(String type) {
        return switch (type) {
            case "int" -> "Integer";
            case "char" -> "Character";
            case "long", "short", "byte", "double", "float", "boolean" ->
                type.substring(0, 1).toUpperCase(java.util.Locale.ROOT) + type.substring(1);
            default -> type;
        };
    }

    /** Declares a type, and returns the expression of its sample. */
    private String sample(String name) {
        int start = text.length();
        int count = 1 + random.nextInt(4);
        List<Kind> kinds = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            kinds.add(component());
        }
        List<String> traits = new ArrayList<>();
        boolean record = !oneOf(4);
        String declared = record ? record(name, kinds, traits) : bean(name, kinds);
        kinds.forEach(kind -> kind.traits().forEach(trait -> traits.add(trait.name())));
        int values = kinds.stream().mapToInt(kind -> kind.values().size()).max().orElse(1);
        IntFunction<String> value = i -> {
            List<String> arguments = kinds.stream()
                    .map(kind -> kind.values().get(i % kind.values().size()))
                    .toList();
            return made(name, arguments);
        };
        List<String> unwritable = new ArrayList<>();
        for (int i = 0; i < kinds.size(); i++) {
            for (String bad : kinds.get(i).unwritable()) {
                List<String> arguments = new ArrayList<>(
                        kinds.stream().map(kind -> kind.values().getFirst()).toList());
                arguments.set(i, bad);
                unwritable.add(made(name, arguments));
            }
        }
        text.append(declared);
        String source = text.substring(start);
        return "new Object[] {\"" + name + "\", new Type<" + name + ">() {}, "
                + list(IntStream.range(0, values).mapToObj(value).toList()) + ", " + list(unwritable) + ", Set.of("
                + traits.stream().distinct().map(trait -> '"' + trait + '"').collect(Collectors.joining(", ")) + "), "
                + quoted(source) + "}";
    }

    private static String list(List<String> values) {
        return "Arrays.<Object>asList(" + String.join(", ", values) + ")";
    }

    private static String quoted(String source) {
        return '"' + source.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }

    private static String made(String name, List<String> arguments) {
        return "new " + name + "(" + String.join(", ", arguments) + ")";
    }

    private String record(String name, List<Kind> kinds, List<String> traits) {
        List<String> components = new ArrayList<>();
        for (int i = 0; i < kinds.size(); i++) {
            Kind kind = kinds.get(i);
            String annotation = "";
            if (oneOf(3)) {
                annotation = switch (random.nextInt(8)) {
                    case 0 -> "@JsonAlias({\"other_" + i + "\", \"further_" + i + "\"}) ";
                    case 1 -> "@JsonProperty(\"with space-" + i + "\") ";
                    case 2 -> {
                        traits.add(Trait.ONE_WAY.name());
                        yield "@JsonProperty(access = JsonProperty.Access.READ_ONLY) ";
                    }
                    case 3 -> {
                        traits.add(Trait.ONE_WAY.name());
                        yield "@JsonProperty(access = JsonProperty.Access.WRITE_ONLY) ";
                    }
                    case 4 -> "@JsonIgnore ";
                    case 5 -> {
                        traits.add(Trait.ONE_WAY.name());
                        yield "@JsonInclude(JsonInclude.Include." + any(List.of("NON_NULL", "NON_EMPTY", "NON_DEFAULT"))
                                + ") ";
                    }
                    case 6 -> "@JsonView(Object.class) ";
                    default -> "@JsonPropertyDescription(\"d\") ";
                };
            }
            components.add(annotation + property(kind) + " c" + i);
        }
        String onType = oneOf(6)
                ? any(List.of(
                        "@JsonNaming(PropertyNamingStrategies.KebabCaseStrategy.class) ",
                        "@JsonPropertyOrder({\"c1\", \"c0\"}) ",
                        "@JsonInclude(JsonInclude.Include.NON_NULL) ",
                        "@JsonIgnoreProperties(ignoreUnknown = true) "))
                : "";
        if (onType.contains("NON_NULL")) {
            traits.add(Trait.ONE_WAY.name());
        }
        return "  " + onType + "public record " + name + "(" + String.join(", ", components) + ") {}\n";
    }

    private static String property(Kind kind) {
        return kind.annotations().equals("@Nullable")
                ? (kind.type().endsWith("]")
                        ? kind.type().substring(0, kind.type().indexOf('['))
                                + " @Nullable "
                                + kind.type().substring(kind.type().indexOf('['))
                        : "@Nullable " + kind.type())
                : kind.annotations() + " " + kind.type();
    }

    private String bean(String name, List<Kind> kinds) {
        StringBuilder bean = new StringBuilder("  public static final class " + name + " {\n");
        StringBuilder parameters = new StringBuilder();
        StringBuilder body = new StringBuilder();
        boolean setters = oneOf(2);
        for (int i = 0; i < kinds.size(); i++) {
            Kind kind = kinds.get(i);
            String type = property(kind);
            bean.append("    ")
                    .append(setters ? "private " : "public ")
                    .append(type)
                    .append(" c")
                    .append(i)
                    .append(";\n");
            if (setters) {
                bean.append("    public " + kind.type() + " getC" + i + "() { return c" + i + "; }\n");
                bean.append("    public void setC" + i + "(" + kind.type() + " v) { c" + i + " = v; }\n");
            }
            parameters
                    .append(i == 0 ? "" : ", ")
                    .append(property(kind))
                    .append(" c")
                    .append(i);
            body.append(" this.c" + i + " = c" + i + ";");
        }
        return bean.append("    public " + name + "() {}\n")
                .append("    public " + name + "(" + parameters + ") {" + body + " }\n  }\n")
                .toString();
    }
}
