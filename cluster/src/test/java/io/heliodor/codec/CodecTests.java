package io.heliodor.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.codec.Decoded.Problem;
import io.heliodor.type.Type;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class CodecTests {
    record Money(long cents, String currency) {
        Money {
            if (currency.length() != 3) {
                throw new IllegalArgumentException("no currency: " + currency);
            }
        }
    }

    record Bill(Money total, List<Money> parts) {}

    sealed interface Step {
        record Go(double far) implements Step {}

        record Say(String what) implements Step {}

        record Other() implements Step {}
    }

    private static final Codec<Money> MONEY =
            Codec.both(Codec.number(), Codec.text(), Money::new, Money::cents, Money::currency);
    private static final Codec<Step> STEP = Codec.<Step>variants()
            .add(1, Step.Go.class, Codec.decimal().map(Step.Go::new, Step.Go::far))
            .add(200, Step.Say.class, Codec.text().map(Step.Say::new, Step.Say::what))
            .build();
    private static final Codec<Optional<List<Boolean>>> MAYBE = Codec.optional(Codec.list(Codec.bool()));

    private static final String BYTES = """
            08000000000000012c03455552
            013ff8000000000000
            c86772c3b6c39f65
            01050201010100
            00
            ac020d08ffffffffffffffff03455552
            7b22746f74616c223a224341414141414141414141424130565655673d3d222c227061727473223a5b5d7d
            """;

    private static Problem problem(Decoded<?> decoded) {
        assertThat(decoded).isInstanceOf(Decoded.Refused.class);
        return ((Decoded.Refused<?>) decoded).problem();
    }

    private static <T> void assertRoundTrip(Codec<T> codec, T value) {
        assertThat(codec.decode(codec.encode(value))).isEqualTo(new Decoded.Value<>(value));
    }

    /** A change of these bytes is a change of the wire: see docs/design/upgrade.md. */
    @Test
    void theBytesAreThoseOfTheWire() {
        Codec<Money> versioned = Codec.versions(300, MONEY).build();
        Codec<Bill> json = Codecs.builder().codec(Money.class, MONEY).build().of(Bill.class);
        List<byte[]> written = List.of(
                MONEY.encode(new Money(300, "EUR")),
                STEP.encode(new Step.Go(1.5)),
                STEP.encode(new Step.Say("größe")),
                MAYBE.encode(Optional.of(List.of(true, false))),
                MAYBE.encode(Optional.empty()),
                versioned.encode(new Money(-1, "EUR")),
                json.encode(new Bill(new Money(1, "EUR"), List.of())));
        assertThat(written)
                .extracting(HexFormat.of()::formatHex)
                .containsExactlyElementsOf(BYTES.lines().toList());
    }

    @Property
    void aValueIsReadAsItWasWritten(
            @ForAll long number, @ForAll double decimal, @ForAll List<Boolean> list, @ForAll byte[] raw) {
        assertRoundTrip(MONEY, new Money(number, "EUR"));
        assertRoundTrip(STEP, new Step.Go(decimal));
        assertRoundTrip(STEP, new Step.Say("ä" + number));
        assertRoundTrip(MAYBE, Optional.of(List.copyOf(list)));
        assertRoundTrip(MAYBE, Optional.empty());
        assertThat(Codec.bytes().decode(raw))
                .isInstanceOfSatisfying(
                        Decoded.Value.class, value -> assertThat(value.value()).isEqualTo(raw));
    }

    @Property
    void decodingOfAnyBytesThrowsNothing(@ForAll byte[] bytes) {
        for (Codec<?> codec : List.of(MONEY, STEP, MAYBE, Codec.text(), Codec.number(), Codec.bool())) {
            assertThat(codec.decode(bytes)).isNotNull();
        }
    }

    @Property
    void tooManyOrTooFewBytesAreMalformed(@ForAll long number) {
        byte[] bytes = MONEY.encode(new Money(number, "EUR"));
        assertThat(problem(MONEY.decode(Arrays.copyOf(bytes, bytes.length + 1))))
                .isEqualTo(Problem.MALFORMED);
        for (int length = 0; length < bytes.length; length++) {
            assertThat(problem(MONEY.decode(Arrays.copyOf(bytes, length)))).isEqualTo(Problem.MALFORMED);
        }
    }

    @Test
    void aValueThatItsConstructorRefusesIsMalformed() {
        byte[] bytes = Codec.both(Codec.number(), Codec.text(), (a, b) -> b, text -> 1L, text -> text)
                .encode("EURO");
        assertThat(problem(MONEY.decode(bytes))).isEqualTo(Problem.MALFORMED);
    }

    @Test
    void aVariantWithoutAnIdIsNeitherWrittenNorRead() {
        assertThatThrownBy(() -> STEP.encode(new Step.Other())).hasMessageContaining("No id was given");
        assertThat(problem(STEP.decode(new byte[] {7}))).isEqualTo(Problem.UNKNOWN_TYPE);
        assertThatThrownBy(() -> Codec.<Step>variants()
                        .add(1, Step.Go.class, Codec.decimal().map(Step.Go::new, Step.Go::far))
                        .add(1, Step.Say.class, Codec.text().map(Step.Say::new, Step.Say::what)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anOlderVersionIsReadAndANewerOneRefused() {
        Codec<Long> first = Codec.versions(1, Codec.number()).build();
        Codec<String> second = Codec.versions(2, Codec.text())
                .reads(1, Codec.number(), number -> "n" + number)
                .build();
        Codec<String> third = Codec.versions(3, Codec.text()).build();

        assertRoundTrip(second, "x");
        assertThat(second.decode(first.encode(7L))).isEqualTo(new Decoded.Value<>("n7"));
        assertThat(problem(second.decode(third.encode("x")))).isEqualTo(Problem.UNKNOWN_VERSION);
        assertThat(problem(third.decode(second.encode("x")))).isEqualTo(Problem.UNKNOWN_VERSION);
        byte[] bytes = second.encode("x");
        assertThat(problem(second.decode(Arrays.copyOf(bytes, bytes.length + 1))))
                .isEqualTo(Problem.MALFORMED);
        assertThatThrownBy(() -> Codec.versions(1, Codec.text()).reads(1, Codec.text(), text -> text))
                .hasMessageContaining("given twice");
    }

    @Test
    void aCustomCodecIsUsedAloneAndInsideOthers() {
        Codecs codecs = Codecs.builder().codec(Money.class, MONEY).build();
        Money money = new Money(5, "EUR");
        assertThat(codecs.of(Money.class).encode(money)).isEqualTo(MONEY.encode(money));
        assertRoundTrip(codecs.of(Bill.class), new Bill(money, List.of(money, new Money(-1, "USD"))));
        assertRoundTrip(codecs.of(new Type<List<Money>>() {}), List.of(money));
        assertThat(new String(codecs.of(Bill.class).encode(new Bill(money, List.of())), StandardCharsets.UTF_8))
                .doesNotContain("EUR");
    }

    @Test
    void aCodecMayBeBuiltFromTheJsonOfItsType() {
        record Old(long cents) {}
        Codecs codecs = Codecs.builder()
                .codec(
                        Money.class,
                        all -> Codec.versions(2, all.json(Money.class))
                                .reads(1, all.json(Old.class), old -> new Money(old.cents(), "EUR"))
                                .build())
                .build();
        assertRoundTrip(codecs.of(Money.class), new Money(5, "USD"));
        assertThat(codecs.of(Money.class)
                        .decode(Codec.versions(1, codecs.json(Old.class))
                                .build()
                                .encode(new Old(9))))
                .isEqualTo(new Decoded.Value<>(new Money(9, "EUR")));
    }

    @Test
    void bytesOnWhichACodecThrowsAreMalformed() {
        Codecs codecs = Codecs.builder()
                .codec(Money.class, new Codec<Money>() {
                    @Override
                    public byte[] encode(Money value) {
                        return new byte[0];
                    }

                    @Override
                    public Decoded<Money> decode(byte[] bytes) {
                        throw new IllegalStateException("no");
                    }
                })
                .build();
        assertThat(problem(codecs.of(Money.class).decode(new byte[0]))).isEqualTo(Problem.MALFORMED);
    }

    /** A reference with one type argument, as the addresses of a node's processes are. */
    interface Ticket<T> {}

    record Paper<T>(String text) implements Ticket<T> {}

    record Bag(Ticket<Integer> one, List<Ticket<List<String>>> many, Optional<Ticket<Step>> best) {}

    record Blank(Ticket<?> ticket) {}

    private static Codecs withTickets(List<String> seen, boolean needsArgument) {
        return Codecs.builder()
                .reference(new Reference<Ticket<?>>() {
                    @Override
                    @SuppressWarnings({"unchecked", "rawtypes"})
                    public Class<Ticket<?>> type() {
                        return (Class) Ticket.class;
                    }

                    @Override
                    public boolean needsArgument() {
                        return needsArgument;
                    }

                    @Override
                    public String write(Ticket<?> value, java.lang.reflect.Type argument) {
                        seen.add("w " + argument.getTypeName());
                        return ((Paper<?>) value).text();
                    }

                    @Override
                    public Ticket<?> read(String text, java.lang.reflect.Type argument) {
                        seen.add("r " + argument.getTypeName());
                        return new Paper<>(text);
                    }
                })
                .build();
    }

    @Test
    void aReferenceGetsItsDeclaredArgumentOnBothSides() {
        List<String> seen = new java.util.ArrayList<>();
        Codecs codecs = withTickets(seen, true);
        Codec<Bag> codec = codecs.of(Bag.class);
        assertRoundTrip(codec, new Bag(new Paper<>("a"), List.of(new Paper<>("b")), Optional.of(new Paper<>("c"))));
        assertThat(seen.stream()
                        .map(text -> text.replaceAll("\\[simple type, class |\\[collection type; class |\\]", "")))
                .anySatisfy(text -> assertThat(text).startsWith("w ").contains("Integer"))
                .anySatisfy(text -> assertThat(text).startsWith("r ").contains("Integer"))
                .anySatisfy(text ->
                        assertThat(text).startsWith("w ").contains("List").contains("String"))
                .anySatisfy(text ->
                        assertThat(text).startsWith("r ").contains("List").contains("String"))
                .anySatisfy(text -> assertThat(text).startsWith("w ").contains("Step"))
                .anySatisfy(text -> assertThat(text).startsWith("r ").contains("Step"));
    }

    @Test
    void aReferenceThatNeedsItsArgumentIsRefusedWithoutOne() {
        assertThatThrownBy(() -> withTickets(new java.util.ArrayList<>(), true).of(Blank.class))
                .hasMessageContaining("needs a type argument");
        List<String> seen = new java.util.ArrayList<>();
        assertRoundTrip(withTickets(seen, false).of(Blank.class), new Blank(new Paper<>("a")));
        assertThat(seen).containsExactly("w java.lang.Object", "r java.lang.Object");
    }
}
