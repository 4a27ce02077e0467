package io.heliodor.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** A value is read as it was written; all other bytes are refused, and never fail. */
class CatchUpFormatTests {
    /** Three stamps, two requests, two answers. */
    private static final String BYTES = """
            01000000000007ac028000000000000100000000000800
            0080000000000000
            03000000000007ac020000000000080280000000000001
            010000800000000000000e6772c3b6c39f6540686f73742337012c000200000000000000070000000000000001000080\
            0000000000000000000000012c0100000000000000070000000000000001
            010000800000000000000e6772c3b6c39f6540686f73742337012c000000
            010000800000000000000200008000000000000000000000000000000000000000000000000000000000000700000000\
            0000012c000000000000000501000e6772c3b6c39f6540686f73742337012c01000000010000001701000000000007ac\
            028000000000000100000000000800000000000000012c00000003e282ac
            010000800000000000000200008000000000000000000000000000000000000000000000000000000000000700000000\
            0000012c000000000000000501000e6772c3b6c39f6540686f73742337012c0000000000
            """;

    private final CatchUpFormat<String> format = new CatchUpFormat<>(
            text -> text.getBytes(StandardCharsets.UTF_8),
            bytes -> Optional.of(new String(bytes, StandardCharsets.UTF_8)).filter(text -> !text.contains("#")));

    private static Dot dot(Random random) {
        return new Dot(random.nextLong() >>> 16, random.nextInt(1, 1_000));
    }

    private static HistoryMessage<String> message(Random random, Dot dot, boolean kept) {
        List<Dot> predecessors = new ArrayList<>();
        while (random.nextInt(3) > 0) {
            predecessors.add(dot(random));
        }
        List<Dot> retired = new ArrayList<>();
        while (kept && random.nextInt(3) > 0) {
            retired.add(dot(random));
        }
        CausalStamp stamp = new CausalStamp(dot, kept, predecessors, retired);
        return new HistoryMessage<>(stamp, "x\u20ac".repeat(random.nextInt(20)), random.nextLong() >>> 1);
    }

    private static Optional<LogLocation> owner(Random random) {
        return random.nextBoolean()
                ? Optional.empty()
                : Optional.of(new LogLocation("node" + random.nextInt(9), random.nextInt(3)));
    }

    private static CatchUpResponse<String> answer(Random random) {
        long own = random.nextLong() >>> 16;
        List<CatchUpResponse.Stream> streams = new ArrayList<>();
        streams.add(new CatchUpResponse.Stream(own, 0, 0, owner(random)));
        List<HistoryMessage<String>> messages = new ArrayList<>();
        for (int i = random.nextInt(6); i > 0; i--) {
            Dot dot = dot(random);
            streams.add(new CatchUpResponse.Stream(
                    dot.stream(), dot.counter(), random.nextLong(dot.counter()), owner(random)));
            if (random.nextBoolean()) {
                messages.add(message(random, dot, true));
            }
        }
        List<CatchUpResponse.Retired> retired = new ArrayList<>();
        while (random.nextInt(3) > 0) {
            retired.add(new CatchUpResponse.Retired(dot(random), dot(random)));
        }
        return new CatchUpResponse<>(streams, own, messages, !messages.isEmpty() && random.nextBoolean(), retired);
    }

    private static CatchUpRequest request(Random random) {
        VersionVector position = VersionVector.NONE;
        for (int i = random.nextInt(6); i > 0; i--) {
            position = position.with(random.nextLong() >>> 16, random.nextInt(100));
        }
        Optional<Dot> after = random.nextBoolean() ? Optional.of(dot(random)) : Optional.empty();
        return new CatchUpRequest(
                random.nextLong() >>> 16, new LogLocation("node", random.nextInt(3)), position, after);
    }

    /** Other bytes are another wire: see docs/design/upgrade.md. */
    @Example
    void theBytesAreThoseOfTheWire() {
        long own = 1L << 47;
        LogLocation owner = new LogLocation("größe@host#7", 300);
        VersionVector position = VersionVector.NONE.with(own, 300).with(7, 1);
        CausalStamp stamp = new CausalStamp(new Dot(7, 300), true, List.of(new Dot(own, 1), new Dot(8, 0)));
        List<CatchUpResponse.Stream> streams = List.of(
                new CatchUpResponse.Stream(own, 0, 0, Optional.empty()),
                new CatchUpResponse.Stream(7, 300, 5, Optional.of(owner)));
        List<byte[]> written = List.of(
                written(stamp),
                written(new CausalStamp(new Dot(own, 0), false, List.of())),
                written(new CausalStamp(new Dot(7, 300), true, List.of(new Dot(own, 1)), List.of(new Dot(8, 2)))),
                CatchUpFormat.request(new CatchUpRequest(own, owner, position, Optional.of(new Dot(7, 1)))),
                CatchUpFormat.request(new CatchUpRequest(own, owner, VersionVector.NONE, Optional.empty())),
                format.response(
                        new CatchUpResponse<>(streams, own, List.of(new HistoryMessage<>(stamp, "€", 300)), true)),
                format.response(new CatchUpResponse<>(streams, own, List.of(), false)));
        assertThat(written)
                .extracting(HexFormat.of()::formatHex)
                .containsExactlyElementsOf(BYTES.lines().toList());
    }

    private static byte[] written(CausalStamp stamp) {
        byte[] written = new BinaryWriter(CausalStampFormat.size(stamp))
                .object(stamp, CausalStampFormat::write)
                .toBytes();
        assertThat(CausalStampFormat.size(stamp)).isEqualTo(written.length);
        return written;
    }

    @Property(tries = 200)
    void aValueIsReadAsItWasWritten(@ForAll Random random) {
        CausalStamp stamp = message(random, dot(random), random.nextBoolean()).stamp();
        byte[] written = written(stamp);
        assertThat(BinaryReader.decode(written, CausalStampFormat::read)).contains(stamp);
        CatchUpResponse<String> answer = answer(random);
        assertThat(format.response(format.response(answer))).contains(answer);
        CatchUpRequest request = request(random);
        byte[] bytes = CatchUpFormat.request(request);
        assertThat(CatchUpFormat.request(bytes).map(CatchUpFormat::request))
                .hasValueSatisfying(again -> assertThat(again).isEqualTo(bytes));
    }

    /** As many as a log may have whose node sees many starts of others within the age of its messages. */
    @Example
    void manyStreamsAreRead() {
        VersionVector position = VersionVector.NONE;
        List<CatchUpResponse.Stream> streams = new ArrayList<>();
        for (int i = 1; i <= 4_096; i++) {
            position = position.with(i, 1);
            streams.add(new CatchUpResponse.Stream(i, 1, 0, Optional.empty()));
        }
        CatchUpRequest request = new CatchUpRequest(1, new LogLocation("node", 0), position, Optional.empty());
        assertThat(CatchUpFormat.request(CatchUpFormat.request(request))).contains(request);
        CatchUpResponse<String> response = new CatchUpResponse<>(streams, 1, List.of(), false);
        assertThat(format.response(format.response(response))).contains(response);
    }

    @Property(tries = 20)
    void aPartOfItIsRefused(@ForAll Random random) {
        byte[] answer = format.response(answer(random));
        for (int length = 0; length < answer.length; length++) {
            assertThat(format.response(Arrays.copyOf(answer, length))).isEmpty();
        }
        byte[] request = CatchUpFormat.request(request(random));
        for (int length = 0; length < request.length; length++) {
            assertThat(CatchUpFormat.request(Arrays.copyOf(request, length))).isEmpty();
        }
        assertThat(format.response(Arrays.copyOf(answer, answer.length + 1))).isEmpty();
        assertThat(CatchUpFormat.request(Arrays.copyOf(request, request.length + 1)))
                .isEmpty();
    }

    /** A peer of another version, or a broken one, must not end the thread that reads. */
    @Property(tries = 500)
    void damagedBytesAreRefusedOrAnotherValue(@ForAll Random random) {
        byte[] answer = format.response(answer(random));
        byte[] request = CatchUpFormat.request(request(random));
        byte[] stamp = written(message(random, dot(random), true).stamp());
        for (byte[] bytes : List.of(answer, request, stamp)) {
            for (int i = random.nextInt(4); i >= 0; i--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
        }
        format.response(answer)
                .ifPresent(read ->
                        assertThat(format.response(format.response(read))).contains(read));
        assertThat(CatchUpFormat.request(request).map(CatchUpFormat::request))
                .satisfies(CatchUpFormatTests::isNoLonger);
        BinaryReader.decode(stamp, CausalStampFormat::read).ifPresent(read -> {
            byte[] again = written(read);
            assertThat(BinaryReader.decode(again, CausalStampFormat::read)).contains(read);
        });
    }

    private static void isNoLonger(Optional<byte[]> request) {
        request.ifPresent(bytes -> assertThat(bytes).hasSizeLessThan(1_000));
    }

    @Property(tries = 20)
    void aContentThatCannotBeReadIsRefused(@ForAll Random random) {
        assertThat(format.response(format.response(of("#", dot(random), 1)))).isEmpty();
        assertThat(format.response(format.response(of("x", dot(random), 1)))).isPresent();
    }

    private static CatchUpResponse<String> of(String content, Dot dot, long own) {
        HistoryMessage<String> message = new HistoryMessage<>(new CausalStamp(dot, true, List.of()), content, 0);
        List<CatchUpResponse.Stream> streams = List.of(
                new CatchUpResponse.Stream(own, 0, 0, Optional.empty()),
                new CatchUpResponse.Stream(dot.stream(), dot.counter(), 0, Optional.empty()));
        return new CatchUpResponse<>(streams, own, List.of(message), false);
    }

    /** A log could not hold it: it knows no such stream. */
    @Property(tries = 20)
    void aMessageOfAStreamThatIsNotNamedIsRefused(@ForAll Random random) {
        CatchUpResponse<String> whole = of("x", dot(random), 1);
        CatchUpResponse<String> answer =
                new CatchUpResponse<>(whole.streams().subList(0, 1), 1, whole.messages(), false);
        assertThat(format.response(format.response(answer))).isEmpty();
    }
}
