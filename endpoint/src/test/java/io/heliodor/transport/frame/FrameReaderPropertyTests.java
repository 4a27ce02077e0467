package io.heliodor.transport.frame;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class FrameReaderPropertyTests {
    private static final int LIMIT = 4_096;

    /** A message of a client: its frames, and the expected result of a reader. */
    record Sent(List<byte[]> frames, String found) {}

    @Property
    void anySplitIntoReadsGivesTheSameMessages(
            @ForAll("conversations") List<Sent> conversation,
            @ForAll List<@IntRange(min = 1, max = 40) Integer> sizes) {
        byte[] bytes = stream(conversation);
        List<String> expected = conversation.stream().map(Sent::found).toList();

        assertThat(read(bytes, List.of(bytes.length))).isEqualTo(expected);
        assertThat(read(bytes, sizes)).isEqualTo(expected);
    }

    @Property
    void aPauseAnywhereLosesNothing(
            @ForAll("conversations") List<Sent> conversation, @ForAll @IntRange(max = 12) int after) {
        ByteBuf in = Unpooled.wrappedBuffer(stream(conversation));
        FrameReader reader = new FrameReader(LIMIT, Optional.empty());
        Found found = new Found().pausedAfter(after);

        found.read(reader, in);
        found.pausedAfter(Integer.MAX_VALUE).read(reader, in);

        assertThat(found.lines())
                .isEqualTo(conversation.stream().map(Sent::found).toList());
    }

    @Property
    void noBytesCauseAnException(
            @ForAll @Size(max = 300) byte[] bytes, @ForAll List<@IntRange(min = 1, max = 40) Integer> sizes) {
        List<String> found = read(bytes, sizes);
        assertThat(found.stream().filter(line -> line.startsWith("breach"))).hasSizeLessThan(2);
        assertThat(read(bytes, List.of(1))).isEqualTo(found);
    }

    @Example
    void aTextThatIsNotUtf8EndsTheReaderHoweverItIsCut() {
        byte[] bytes = ClientFrames.concat(ClientFrames.frame(0x81, 0, new byte[] {'a', (byte) 0xff}), new byte[2]);
        assertThat(read(bytes, List.of())).containsExactly("breach 1007");
        assertThat(read(bytes, List.of(1))).containsExactly("breach 1007");
    }

    @Property
    void noFramesCauseAnException(
            @ForAll("frames") List<byte[]> frames, @ForAll List<@IntRange(min = 1, max = 40) Integer> sizes) {
        byte[] bytes = ClientFrames.concat(frames.toArray(byte[][]::new));
        assertThat(read(bytes, sizes).stream().filter(line -> line.startsWith("breach")))
                .hasSizeLessThan(2);
    }

    /** Frames of any first byte; most of them masked, of lengths that fit. */
    @Provide
    Arbitrary<List<byte[]>> frames() {
        Arbitrary<Integer> first = Arbitraries.integers().between(0, 255);
        Arbitrary<byte[]> payload = Arbitraries.bytes().array(byte[].class).ofMaxSize(140);
        return Combinators.combine(first, Arbitraries.integers(), payload)
                .as(ClientFrames::frame)
                .list()
                .ofMaxSize(8);
    }

    @Provide
    Arbitrary<List<Sent>> conversations() {
        Arbitrary<String> words = Arbitraries.strings()
                .withChars("aé€\uffff0")
                .withChars(' ', '"')
                .ofMaxLength(150)
                .map(text -> text.length() > 140 ? text + "🙂" : text);
        Arbitrary<List<Integer>> cuts =
                Arbitraries.integers().between(0, 200).list().ofMaxSize(3);
        Arbitrary<Sent> text = Combinators.combine(words, cuts, Arbitraries.integers())
                .as((sent, at, mask) ->
                        message(FrameLayout.TEXT, sent.getBytes(StandardCharsets.UTF_8), at, mask, "text " + sent));
        Arbitrary<Sent> binary = Combinators.combine(
                        Arbitraries.bytes().array(byte[].class).ofMaxSize(200), cuts, Arbitraries.integers())
                .as((sent, at, mask) -> message(
                        FrameLayout.BINARY,
                        sent,
                        at,
                        mask,
                        "binary " + HexFormat.of().formatHex(sent)));
        Arbitrary<Sent> ping = words.filter(sent -> sent.length() < 30)
                .map(sent -> new Sent(List.of(ClientFrames.ping(sent)), "ping " + sent));
        Arbitrary<Sent> pong = Arbitraries.just(
                new Sent(List.of(ClientFrames.frame(ClientFrames.FIN | FrameLayout.PONG, new byte[3])), "pong"));
        return Arbitraries.oneOf(text, binary, ping, pong).list().ofMaxSize(10);
    }

    private static Sent message(int opcode, byte[] payload, List<Integer> cuts, int mask, String found) {
        List<byte[]> frames = new ArrayList<>();
        int from = 0;
        for (int cut : cuts.stream().sorted().filter(at -> at <= payload.length).toList()) {
            frames.add(ClientFrames.frame(
                    frames.isEmpty() ? opcode : FrameLayout.CONTINUATION,
                    mask,
                    Arrays.copyOfRange(payload, from, cut)));
            from = cut;
        }
        frames.add(ClientFrames.frame(
                ClientFrames.FIN | (frames.isEmpty() ? opcode : FrameLayout.CONTINUATION),
                mask,
                Arrays.copyOfRange(payload, from, payload.length)));
        return new Sent(frames, found);
    }

    private static byte[] stream(List<Sent> conversation) {
        return ClientFrames.concat(
                conversation.stream().flatMap(sent -> sent.frames().stream()).toArray(byte[][]::new));
    }

    /** Reads in pieces of these sizes, again and again. */
    private static List<String> read(byte[] bytes, List<Integer> sizes) {
        FrameReader reader = new FrameReader(LIMIT, Optional.empty());
        Found found = new Found().judgingTexts();
        int at = 0;
        for (int i = 0; at < bytes.length; i++) {
            int size = sizes.isEmpty()
                    ? bytes.length
                    : Math.min(Math.max(1, sizes.get(i % sizes.size())), bytes.length - at);
            found.read(reader, Unpooled.wrappedBuffer(bytes, at, Math.min(size, bytes.length - at)));
            at += size;
        }
        return found.lines();
    }
}
