package io.heliodor.describe;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.annotation.JacksonInject;
import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonBackReference;
import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonIncludeProperties;
import com.fasterxml.jackson.annotation.JsonManagedReference;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonValue;
import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.event.Reason;
import io.heliodor.type.Type;
import io.heliodor.wire.Payload;
import io.heliodor.wire.PayloadCodec;
import io.heliodor.wire.PayloadOutcome.Invalid;
import io.heliodor.wire.PayloadOutcome.Valid;
import jakarta.persistence.Entity;
import java.net.Inet4Address;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JsonParser;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.DefaultTyping;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.annotation.JsonDeserialize;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.jsontype.BasicPolymorphicTypeValidator;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.ToStringSerializer;
import tools.jackson.databind.util.RawValue;

/** The build refuses types that no contract can promise, with their name and with what to write instead. */
class RefusedPayloadsTests {
    private static final PayloadCodec CODEC = PayloadCodec.strict();

    record Plain(int number) {}

    private static <T> UserSocket<?> socket(Type<T> type) {
        Call<T, T, Reason> call = Call.of("call", type, type);
        return UserSocket.open()
                .channel(
                        "t:*",
                        Channel.join(join -> Join.ok((Object) Empty.EMPTY))
                                .answer(call, (request, room) -> Reply.ok(request))
                                .build())
                .build();
    }

    private static void isRefused(Type<?> type, JsonMapper mapper, String... words) {
        PayloadCodec codec = PayloadCodec.strict(mapper);
        assertThatCode(() -> codec.unreadable(type, true)).doesNotThrowAnyException();
        assertThat(codec.unreadable(type, true).or(() -> codec.unwritable(type)))
                .hasValueSatisfying(problem -> assertThat(problem).contains(words));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SocketContract.of("C", socket(type), mapper))
                .satisfies(refusal -> assertThat(refusal).hasMessageContainingAll(words));
    }

    private static void isRefused(Class<?> type, String... words) {
        isRefused(Type.of(type), new JsonMapper(), words);
    }

    private static JsonMapper mapper(Consumer<JsonMapper.Builder> features) {
        JsonMapper.Builder builder = JsonMapper.builder();
        features.accept(builder);
        return builder.build();
    }

    @Test
    void aMapperThatWritesAnotherFormThanTheTypeIsRefused() {
        Map.<String, Consumer<JsonMapper.Builder>>of(
                        "write a record with one component",
                        builder -> builder.enable(SerializationFeature.WRAP_ROOT_VALUE),
                        "UNWRAP_ROOT_VALUE",
                        builder -> builder.enable(DeserializationFeature.UNWRAP_ROOT_VALUE),
                        "WRITE_SINGLE_ELEM_ARRAYS_UNWRAPPED",
                        builder -> builder.enable(SerializationFeature.WRITE_SINGLE_ELEM_ARRAYS_UNWRAPPED),
                        "@JsonFormat(shape = STRING)",
                        builder -> builder.enable(JsonWriteFeature.WRITE_NUMBERS_AS_STRINGS),
                        "ACCEPT_SINGLE_VALUE_AS_ARRAY",
                        builder -> builder.enable(DeserializationFeature.ACCEPT_SINGLE_VALUE_AS_ARRAY),
                        "UNWRAP_SINGLE_VALUE_ARRAYS",
                        builder -> builder.enable(DeserializationFeature.UNWRAP_SINGLE_VALUE_ARRAYS),
                        "write @JsonAlias",
                        builder -> builder.enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_PROPERTIES),
                        "write @JsonTypeInfo with @JsonSubTypes",
                        builder -> builder.activateDefaultTyping(
                                BasicPolymorphicTypeValidator.builder()
                                        .allowIfBaseType(Object.class)
                                        .build(),
                                DefaultTyping.NON_FINAL),
                        "QUOTE_PROPERTY_NAMES",
                        builder -> builder.disable(JsonWriteFeature.QUOTE_PROPERTY_NAMES),
                        "USE_ANNOTATIONS",
                        builder -> builder.disable(MapperFeature.USE_ANNOTATIONS))
                .forEach((words, features) -> isRefused(Type.of(Plain.class), mapper(features), words));
    }

    @Test
    void aMapperThatLeavesOutListsIsRefused() {
        JsonMapper mapper = mapper(builder -> builder.disable(SerializationFeature.WRITE_EMPTY_JSON_ARRAYS));
        isRefused(Type.of(Plain.class), mapper, "WRITE_EMPTY_JSON_ARRAYS", "@JsonInclude(NON_EMPTY)");
    }

    @Test
    void aRefusedFeatureSaysHowTheRestOfTheApplicationKeepsIt() {
        String[] words = {"json(mapper.rebuild().disable(DeserializationFeature.ACCEPT_SINGLE_VALUE_AS_ARRAY).build())"
        };
        JsonMapper own = mapper(builder -> builder.enable(DeserializationFeature.ACCEPT_SINGLE_VALUE_AS_ARRAY));
        isRefused(Type.of(Plain.class), own, words);
        isRefused(Type.of(Plain.class), own, "EndpointCustomizer");
        JsonMapper written = own.rebuild()
                .disable(DeserializationFeature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
                .build();
        assertThat(PayloadCodec.strict(written).unreadable(Type.of(Plain.class), true))
                .isEmpty();
    }

    @JsonIgnoreProperties("secret")
    record Secret(int number) {}

    @Test
    void aMapperThatRefusesIgnoredPropertiesIsAcceptedAndTheSchemaDoesNotHaveThem() {
        JsonMapper skips = mapper(builder -> builder.enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES));
        JsonMapper refuses = skips.rebuild()
                .enable(DeserializationFeature.FAIL_ON_IGNORED_PROPERTIES)
                .build();
        Type<Secret> type = Type.of(Secret.class);
        Payload.Json secret = payload("{\"number\":1,\"secret\":2}");
        assertThat(PayloadCodec.strict(refuses).unreadable(type, true)).isEmpty();
        assertThat(PayloadCodec.strict(refuses).decode(type, secret)).isInstanceOf(Invalid.class);
        assertThat(PayloadCodec.strict(skips).decode(type, secret)).isInstanceOf(Valid.class);
        assertThat(SocketContract.of("C", socket(type), refuses).json()).doesNotContain("\"secret\"");
        assertThat(SocketContract.of("C", socket(type), skips).json()).contains("\"secret\"");
    }

    record OfRaw(int number, @JsonRawValue String json) {}

    record Raws(List<OfRaw> all) {}

    record Document(@JsonValue @JsonRawValue String json) {}

    record Wrapped(RawValue json) {}

    @Test
    void aValueThatWouldBeSentUncheckedIsRefused() {
        for (Class<?> type : List.of(Document.class, Wrapped.class)) {
            assertThat(CODEC.unwritable(Type.of(type)))
                    .hasValueSatisfying(problem -> assertThat(problem).contains("unchecked", "Raw.of(text)"));
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CODEC.encode(new Anything(new Document("1,\"admin\":true"))))
                .withMessageContaining("Raw.of(text)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CODEC.encode(new Anything(new RawValue("1,\"admin\":true"))))
                .withMessageContaining("Raw.of(text)");
    }

    @Test
    void aTextThatWouldBeSentUncheckedIsRefused() {
        String[] words = {OfRaw.class.getName(), "'json'", "@JsonRawValue", "Raw.of(text)"};
        isRefused(OfRaw.class, words);
        isRefused(Raws.class, words);
        for (Object undeclared : List.of(new OfRaw(1, "1,\"admin\":true"), new Anything(new OfRaw(1, "1")))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> CODEC.encode(undeclared))
                    .satisfies(refusal -> assertThat(refusal).hasMessageContainingAll(words));
        }
    }

    record Dated(java.util.Date at) {}

    record Stamped(List<java.util.GregorianCalendar> at) {}

    record Iterated(Iterable<String> all) {}

    record Loose(
            @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
            List<String> tags) {}

    record Unwrapped(
            @JsonFormat(with = JsonFormat.Feature.WRITE_SINGLE_ELEM_ARRAYS_UNWRAPPED)
            List<String> tags) {}

    @JsonFormat(with = JsonFormat.Feature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)
    record Caseless(String name) {}

    record OfCaseless(Optional<Caseless> one) {}

    @Test
    void aTypeThatIsReadInMoreFormsThanItIsWrittenIsRefused() {
        isRefused(Dated.class, "'at'", "java.util.Date", "take an Instant");
        isRefused(Stamped.class, "java.util.GregorianCalendar", "take an Instant");
        isRefused(Iterated.class, "'all'", "Iterable", "take a List");
        isRefused(Loose.class, "'tags'", "ACCEPT_SINGLE_VALUE_AS_ARRAY");
        isRefused(Unwrapped.class, "'tags'", "WRITE_SINGLE_ELEM_ARRAYS_UNWRAPPED");
        isRefused(Caseless.class, "ACCEPT_CASE_INSENSITIVE_PROPERTIES");
        isRefused(OfCaseless.class, "'one'", "ACCEPT_CASE_INSENSITIVE_PROPERTIES");
        for (Class<?> type : List.of(Dated.class, Stamped.class, Iterated.class, Unwrapped.class)) {
            assertThat(CODEC.unwritable(Type.of(type))).as("%s", type).isPresent();
        }
    }

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind", visible = true)
    @JsonSubTypes(@JsonSubTypes.Type(value = Cat.class, name = "cat"))
    interface Animal {}

    record Cat(String kind, int lives) implements Animal {}

    record Zoo(List<Animal> animals) {}

    @Test
    void aReplyThatWouldNameItsTypeTwiceIsRefused() {
        isRefused(Zoo.class, Cat.class.getName(), "'kind'", "EXISTING_PROPERTY, visible = true");
    }

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, include = JsonTypeInfo.As.EXISTING_PROPERTY, property = "kind")
    @JsonSubTypes(@JsonSubTypes.Type(value = Invisible.class, name = "invisible"))
    interface Existing {}

    record Invisible(String kind) implements Existing {}

    @Test
    void aPropertyThatNamesTheTypeAndIsNeverReadIsRefused() {
        isRefused(Existing.class, Invisible.class.getName(), "visible = true");
    }

    @JsonFormat(shape = JsonFormat.Shape.OBJECT)
    enum Weighed {
        HEAVY;

        public final int weight = 1;
    }

    record OfEnum(Weighed weighed) {}

    @Test
    void anEnumThatIsWrittenAsAnObjectIsRefused() {
        isRefused(OfEnum.class, Weighed.class.getCanonicalName().replace("Tests.", "Tests$"), "without @JsonFormat");
    }

    record Growing<T>(T value, Optional<Growing<List<T>>> more) {}

    @Test
    void aRecordThatContainsItselfWithLargerArgumentsIsRefused() {
        isRefused(new Type<Growing<Integer>>() {}, new JsonMapper(), "type arguments that grow", "Growing");
    }

    @Entity
    static class Account {
        private long id;

        public long getId() {
            return id;
        }

        public void setId(long id) {
            this.id = id;
        }
    }

    /** As Hibernate returns them. */
    static final class Proxy extends Account {}

    record Changed(List<Account> accounts) {}

    record Anything(Object value) {}

    @Test
    void anEntityIsRefusedAlsoInsideOfARecord() {
        String[] words = {Account.class.getName() + " is an entity of JPA", "take a record"};
        isRefused(Account.class, words);
        assertThat(CODEC.unreadable(Type.of(Account.class), true))
                .hasValueSatisfying(problem -> assertThat(problem).contains(words));
        isRefused(Proxy.class, words);
        isRefused(Changed.class, words);
        isRefused(new Type<Map<String, Account>>() {}, new JsonMapper(), words);
        Event<Anything> undeclared = Event.of("changed", Anything.class);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CODEC.encode(undeclared, new Anything(new Proxy())))
                .satisfies(refusal -> assertThat(refusal).hasMessageContainingAll(words));
    }

    @Test
    void anEntityWithASerializerOfTheApplicationIsNotRefused() {
        PayloadCodec codec = PayloadCodec.strict(mapper(builder -> builder.addModule(
                new SimpleModule().addSerializer(Account.class, new ToStringSerializer(Account.class)))));
        assertThat(codec.unwritable(Type.of(Changed.class))).isEmpty();
    }

    interface Code {
        void run();
    }

    @Test
    void theRepliesOfAJoinAndTheSentEventsOfAChannelAreChecked() {
        UserSocket<?> socket = UserSocket.open()
                .channel(
                        "t:*",
                        Channel.join(join -> Join.ok((Object) Empty.EMPTY))
                                .sends(Event.of("sent", Code.class))
                                .build())
                .build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SocketContract.of("C", socket))
                .withMessageContaining(Code.class.getName());
    }

    record Inner(int number) {}

    record Beside(
            @JsonTypeInfo(
                    use = JsonTypeInfo.Id.NAME,
                    include = JsonTypeInfo.As.EXTERNAL_PROPERTY,
                    property = "valueType")
            @JsonSubTypes(@JsonSubTypes.Type(value = Inner.class, name = "inner"))
            Object value) {}

    @Test
    void aClassThatIsNamedBesideItsValueIsReadAndHasNoSchema() {
        Type<Beside> type = Type.of(Beside.class);
        String json = "{\"valueType\":\"inner\",\"value\":{\"number\":1}}";
        assertThat(CODEC.decode(type, payload(json))).isEqualTo(new Valid<>(new Beside(new Inner(1))));
        assertThat(SocketContract.of("C", socket(type)).json())
                .contains("names the class of a property next to it, which has no schema");
    }

    record Unsent(
            int number,
            @JsonIgnore String ignored,

            @JsonProperty(access = JsonProperty.Access.READ_ONLY)
            int readOnly,

            @JsonProperty(access = JsonProperty.Access.READ_ONLY)
            Optional<String> none) {}

    @Test
    void componentsThatNoClientSendsAreNotReadAndNotRequired() {
        Unsent unsent = new Unsent(1, null, 0, Optional.empty());
        for (String json :
                List.of("{\"number\":1}", "{\"number\":1,\"ignored\":\"evil\",\"readOnly\":7,\"none\":{\"a\":[1]}}")) {
            assertThat(CODEC.decode(Type.of(Unsent.class), payload(json)))
                    .as(json)
                    .isEqualTo(new Valid<>(unsent));
        }
    }

    record Any(Object value, double number) {}

    @Test
    void aNumberThatIsNotFiniteIsNeitherReadNorWritten() {
        for (String value : List.of("1e99999", "[-1e400]", "{\"a\":{\"b\":[1e999]}}")) {
            assertThat(CODEC.decode(Type.of(Any.class), payload("{\"value\":" + value + ",\"number\":1}")))
                    .as(value)
                    .isInstanceOf(Invalid.class);
        }
        for (Any any : List.of(
                new Any(1, Double.NaN),
                new Any(List.of(Map.of("a", Float.POSITIVE_INFINITY)), 1),
                new Any(1, -1 / 0.0))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> CODEC.encode(any))
                    .withMessageContaining("is not a number of JSON");
        }
    }

    static final class Managed {
        @JsonManagedReference
        public List<Back> kids = new ArrayList<>();
    }

    static final class Back {
        @JsonBackReference
        public @Nullable Managed parent;
    }

    static final class Book {
        public int id;

        @JsonIgnoreProperties("book")
        public List<Review> reviews = new ArrayList<>();
    }

    static final class Review {
        public @Nullable Book book;
    }

    record Injected(int a, @JacksonInject("user") String user) {}

    static final class InjectedField {
        public int a;

        @JacksonInject("user")
        String user = "";
    }

    @Test
    void aPropertyWithAnotherFormThanItsClassOrWithAValueThatIsNotInItsJsonIsRefused() {
        isRefused(Managed.class, "'kids'", "@JsonManagedReference", "take records");
        isRefused(Book.class, "'reviews'", "@JsonIgnoreProperties", "take a record");
        isRefused(Injected.class, "'user'", "@JacksonInject", "take it where the payload is handled");
        isRefused(InjectedField.class, InjectedField.class.getName(), "@JacksonInject");
    }

    record Failed(IllegalStateException why) {}

    record Loads(Class<?> type) {}

    record Looks(Optional<Inet4Address> at) {}

    record Bits(BitSet all) {}

    record Counts(AtomicIntegerArray all) {}

    record OfEmpty(Empty none) {}

    record OfVoid(Optional<Void> none) {}

    @Test
    void aTypeOfTheJdkWithoutJsonForClientsIsRefused() {
        isRefused(Failed.class, "'why'", "stack trace", "take a record");
        isRefused(Loads.class, "'type'", "java.lang.Class", "take a String");
        isRefused(Looks.class, "'at'", "java.net.Inet4Address", "take a String");
        isRefused(OfEmpty.class, "'none'", "Empty", "leave it out");
        isRefused(OfVoid.class, "'none'", "Void", "leave it out");
        assertThat(CODEC.unwritable(Type.of(Bits.class)))
                .hasValueSatisfying(problem -> assertThat(problem).contains("'all'", "java.util.BitSet", "getters"));
        assertThat(CODEC.unwritable(Type.of(Counts.class)))
                .hasValueSatisfying(problem -> assertThat(problem).contains("'all'", "written as {}"));
    }

    record MaybeValue(@JsonValue Optional<String> value) {}

    record OfMaybe(List<MaybeValue> all) {}

    record Changing(AtomicReference<String> text) {}

    @Test
    void aValueOfWhichNoContractCanSayWhetherItIsThereIsRefused() {
        for (Class<?> type : List.of(MaybeValue.class, OfMaybe.class)) {
            assertThat(CODEC.unwritable(Type.of(type)))
                    .hasValueSatisfying(problem -> assertThat(problem)
                            .contains("@JsonValue", MaybeValue.class.getName(), "take a plain value there"));
        }
        isRefused(Changing.class, "'text'", "AtomicReference", "take an Optional");
        assertThat(CODEC.unwritable(Type.of(Changing.class)))
                .hasValueSatisfying(problem -> assertThat(problem).contains("'text'", "take an Optional"));
    }

    record Endless(Endless next) {}

    record First(Second second) {}

    record Second(Optional<First> maybe, First first) {}

    record Ending(@Nullable Ending next, List<Ending> more) {}

    @Test
    void aClassWithoutAValueIsRefused() {
        isRefused(Endless.class, "Endless contains itself in each of its values");
        isRefused(First.class, "contains itself in each of its values", "@Nullable");
        assertThat(CODEC.unreadable(Type.of(Ending.class), true)).isEmpty();
    }

    sealed interface Act permits Go, Stop {}

    record Go(int type) implements Act {}

    record Stop() implements Act {}

    record OfAct(List<Act> all) {}

    @Test
    void aSealedTypeWhoseSubtypesHaveNoNameIsNotWrittenEither() {
        for (Class<?> type : List.of(Act.class, OfAct.class)) {
            assertThat(CODEC.unwritable(Type.of(type)))
                    .hasValueSatisfying(problem -> assertThat(problem)
                            .contains(Act.class.getName(), "cannot name its subtypes", "rename that"));
        }
    }

    static class Unlisted extends Family {
        public int b;
    }

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "is")
    @JsonSubTypes(@JsonSubTypes.Type(value = Listed.class, name = "listed"))
    static class Family {}

    static final class Listed extends Family {
        public int a;
    }

    record OfExisting(Family one) {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "is")
    interface Unlisting {}

    record OfUnlisting(int a) implements Unlisting {}

    record HasUnlisting(Unlisting one) {}

    @Test
    void aSubtypeOfATypeThatListsNoneIsWritten() {
        assertThatCode(() -> CODEC.encode(new HasUnlisting(new OfUnlisting(1)))).doesNotThrowAnyException();
    }

    static final class NextReader extends StdDeserializer<Chained> {
        NextReader() {
            super(Chained.class);
        }

        @Override
        public @Nullable Chained deserialize(JsonParser parser, DeserializationContext context) {
            parser.skipChildren();
            return null;
        }
    }

    record Chained(
            int a,
            @JsonDeserialize(using = NextReader.class) Chained next) {}

    @Test
    void aClassThatAReaderOfTheApplicationEndsIsAccepted() {
        assertThat(CODEC.unreadable(Type.of(Chained.class), true)).isEmpty();
    }

    @Test
    void aSubtypeThatNoContractHasIsNotWritten() {
        assertThat(CODEC.unwritable(Type.of(OfExisting.class))).isEmpty();
        assertThatCode(() -> CODEC.encode(new OfExisting(new Listed()))).doesNotThrowAnyException();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CODEC.encode(new OfExisting(new Unlisted())))
                .withMessageContaining(Unlisted.class.getName())
                .withMessageContaining("@JsonSubTypes");
    }

    record Further(int count, @JsonAnyGetter Map<String, Object> further) {}

    sealed interface Shaped permits Open {}

    record Open(@JsonAnyGetter Map<String, Object> further) implements Shaped {}

    record OfShaped(Shaped one) {}

    @Test
    void aFurtherPropertyWithTheNameOfAnotherIsNotWritten() {
        assertThatCode(() -> CODEC.encode(new Further(1, Map.of("more", 2)))).doesNotThrowAnyException();
        assertThatCode(() -> CODEC.encode(new OfShaped(new Open(Map.of("more", 2)))))
                .doesNotThrowAnyException();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CODEC.encode(new Further(1, Map.of("count", 2))))
                .withMessageContaining("the further property 'count' of " + Further.class.getName())
                .withMessageContaining("give it another key");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CODEC.encode(new OfShaped(new Open(Map.of("type", 2)))))
                .withMessageContaining("'type'");
    }

    record Nested(List<List<List<List<List<List<List<List<List<List<String>>>>>>>>>> lists) {}

    record Pair<A>(A one) {}

    record Deep(Pair<Pair<Pair<Pair<Pair<Pair<Pair<Pair<Pair<Pair<Pair<Pair<String>>>>>>>>>>>> deep) {}

    @Test
    void deepTypeArgumentsThatDoNotGrowAreAccepted() {
        for (Class<?> type : List.of(Nested.class, Deep.class)) {
            assertThat(CODEC.unreadable(Type.of(type), true)).isEmpty();
            assertThat(CODEC.unwritable(Type.of(type))).isEmpty();
        }
    }

    record LongId(long id) {
        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        LongId {}

        @JsonValue
        long value() {
            return id;
        }
    }

    record ById(Map<LongId, String> names) {}

    @Test
    void keysThatCannotBeReadAreRefusedWithWhatToWrite() {
        isRefused(ById.class, LongId.class.getName(), "static method with @JsonCreator");
    }

    @JsonIgnoreProperties({"secret", "the_number"})
    record Hidden(
            String name,
            String secret,
            @JsonProperty("the_number") int number) {}

    @JsonIncludeProperties("name")
    record Shown(String name, Optional<String> secret) {}

    @Test
    void componentsThatAnAnnotationOfTheRecordIgnoresAreNotReadAndNotRequired() {
        for (String json : List.of("{\"name\":\"a\"}", "{\"name\":\"a\",\"secret\":\"b\",\"the_number\":7}")) {
            assertThat(CODEC.decode(Type.of(Hidden.class), payload(json)))
                    .as(json)
                    .isEqualTo(new Valid<>(new Hidden("a", null, 0)));
            assertThat(CODEC.decode(Type.of(Shown.class), payload(json)))
                    .as(json)
                    .isEqualTo(new Valid<>(new Shown("a", Optional.empty())));
        }
    }

    record infer(int number) {}

    record keyof(int number) {}

    record OfKeywords(infer one, keyof two) {}

    @Test
    void noTypeHasAKeywordOfTypeScriptAsItsName() {
        assertThat(SocketContract.of("C", socket(Type.of(OfKeywords.class))).typeScript())
                .doesNotContainPattern("(?m)^type (?:infer|keyof) ")
                .contains("infer = { number: number };");
    }

    private static Payload.Json payload(String json) {
        byte[] bytes = json.getBytes(UTF_8);
        return new Payload.Json(bytes, 0, bytes.length);
    }
}
