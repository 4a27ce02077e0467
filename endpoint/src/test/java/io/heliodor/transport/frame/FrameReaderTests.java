package io.heliodor.transport.frame;

import static io.heliodor.transport.frame.ClientFrames.FIN;
import static io.heliodor.transport.frame.ClientFrames.announce;
import static io.heliodor.transport.frame.ClientFrames.binary;
import static io.heliodor.transport.frame.ClientFrames.bytes;
import static io.heliodor.transport.frame.ClientFrames.close;
import static io.heliodor.transport.frame.ClientFrames.concat;
import static io.heliodor.transport.frame.ClientFrames.frame;
import static io.heliodor.transport.frame.ClientFrames.header;
import static io.heliodor.transport.frame.ClientFrames.ping;
import static io.heliodor.transport.frame.ClientFrames.text;
import static io.heliodor.transport.frame.ClientFrames.utf8;
import static io.heliodor.transport.frame.FrameLayout.BINARY;
import static io.heliodor.transport.frame.FrameLayout.CLOSE;
import static io.heliodor.transport.frame.FrameLayout.CONTINUATION;
import static io.heliodor.transport.frame.FrameLayout.PING;
import static io.heliodor.transport.frame.FrameLayout.PONG;
import static io.heliodor.transport.frame.FrameLayout.TEXT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrameReaderTests {
    private static final int LIMIT = 1_024;
    private static final byte[] NOTHING = {};

    static Stream<Arguments> good() {
        return Stream.of(
                arguments("text", text("hello"), List.of("text hello")),
                arguments("an empty text", text(""), List.of("text ")),
                arguments("binary", binary(bytes(0, 255)), List.of("binary 00ff")),
                arguments("two messages", concat(text("a"), text("b")), List.of("text a", "text b")),
                arguments(
                        "fragments",
                        concat(frame(TEXT, utf8("a")), frame(CONTINUATION, utf8("b")), frame(FIN, utf8("c"))),
                        List.of("text abc")),
                arguments(
                        "empty fragments around",
                        concat(frame(BINARY, NOTHING), frame(CONTINUATION, utf8("x")), frame(FIN, NOTHING)),
                        List.of("binary 78")),
                arguments(
                        "a character over two fragments",
                        concat(frame(TEXT, bytes(0xc3)), frame(FIN, bytes(0xa9))),
                        List.of("text é")),
                arguments(
                        "control frames between fragments",
                        concat(frame(TEXT, utf8("a")), ping("1"), frame(FIN | PONG, utf8("2")), frame(FIN, utf8("b"))),
                        List.of("ping 1", "pong", "text ab")),
                arguments("a ping without payload", ping(""), List.of("ping ")),
                arguments("the longest ping", ping("p".repeat(125)), List.of("ping " + "p".repeat(125))),
                arguments("a close without code", frame(FIN | CLOSE, NOTHING), List.of("close 1005")),
                arguments("a close with the longest reason", close(1000, "r".repeat(123)), List.of("close 1000")),
                arguments(
                        "nothing after a close is read",
                        concat(close(3000, ""), text("late"), bytes(0xff)),
                        List.of("close 3000")),
                arguments(
                        "a close within a message",
                        concat(frame(TEXT, utf8("a")), close(1001, "")),
                        List.of("close 1001")));
    }

    /** The rows of hostile-input about frames, but for compression, which is not offered. */
    static Stream<Arguments> bad() {
        return Stream.of(
                arguments("unmasked", bytes(FIN | TEXT, 2, 'h', 'i'), 1002),
                arguments("unmasked and empty", bytes(FIN | TEXT, 0), 1002),
                arguments("RSV1", frame(FIN | 0x40 | TEXT, utf8("x")), 1002),
                arguments("RSV2", frame(FIN | 0x20 | TEXT, utf8("x")), 1002),
                arguments("RSV3", frame(FIN | 0x10 | TEXT, utf8("x")), 1002),
                arguments("RSV1 on a ping", frame(FIN | 0x40 | PING, NOTHING), 1002),
                arguments("16 bits for 125", concat(header(FIN | TEXT, 126, 125), new byte[129]), 1002),
                arguments("16 bits for 0", concat(header(FIN | TEXT, 126, 0), new byte[4]), 1002),
                arguments("64 bits for 65535", announce(FIN | BINARY, 65_535), 1002),
                arguments("64 bits for 1", announce(FIN | BINARY, 1), 1002),
                arguments("2^63", announce(FIN | BINARY, Long.MIN_VALUE), 1002),
                arguments("2^64 - 1", announce(FIN | BINARY, -1), 1002),
                arguments("an orphan continuation", frame(FIN, utf8("x")), 1002),
                arguments("an orphan continuation, more to come", frame(CONTINUATION, utf8("x")), 1002),
                arguments("text within text", concat(frame(TEXT, utf8("a")), text("b")), 1002),
                arguments("binary within text", concat(frame(TEXT, utf8("a")), binary(NOTHING)), 1002),
                arguments("a fragmented ping", frame(PING, utf8("x")), 1002),
                arguments("a fragmented close", frame(CLOSE, NOTHING), 1002),
                arguments("a ping of 126 bytes", frame(FIN | PING, new byte[126]), 1002),
                arguments("a close of 64 KiB", frame(FIN | CLOSE, new byte[1 << 16]), 1002),
                arguments("a close of one byte", frame(FIN | CLOSE, bytes(3)), 1002),
                arguments("bad UTF-8 in a reason", frame(FIN | CLOSE, bytes(3, 0xe8, 0xff)), 1007),
                arguments("half a character in a reason", frame(FIN | CLOSE, bytes(3, 0xe8, 0xc3)), 1007),
                arguments("one byte over the limit", announce2(FIN | BINARY, LIMIT + 1), 1009),
                arguments("2^62", announce(FIN | BINARY, 1L << 62), 1009),
                arguments("2^32, which is 0 as an int", announce(FIN | BINARY, 1L << 32), 1009),
                arguments(
                        "fragments that add up to more than the limit",
                        concat(frame(BINARY, new byte[LIMIT]), frame(FIN, new byte[1])),
                        1009),
                arguments("half a character at the end", concat(frame(TEXT, bytes(0xc3)), frame(FIN, NOTHING)), 1007));
    }

    private static byte[] announce2(int first, int length) {
        return concat(header(first, 126, length), new byte[4]);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("good")
    void readsValidFrames(String what, byte[] bytes, List<String> expected) {
        assertThat(atOnce(bytes)).isEqualTo(expected);
        assertThat(byteByByte(bytes)).isEqualTo(expected);
    }

    @ParameterizedTest(name = "{0}: {2}")
    @MethodSource("bad")
    void refusesInvalidFrames(String what, byte[] bytes, int code) {
        assertThat(atOnce(bytes)).endsWith("breach " + code).doesNotHaveDuplicates();
        assertThat(byteByByte(bytes)).endsWith("breach " + code).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4, 5, 6, 7, 0xb, 0xc, 0xd, 0xe, 0xf})
    void refusesReservedOpcodesWithTheFirstTwoBytes(int opcode) {
        assertThat(byteByByte(header(FIN | opcode, 1))).containsExactly("breach 1002");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 999, 1004, 1005, 1006, 1015, 1016, 1999, 2000, 2999, 5000, 65_535})
    void refusesReservedCloseCodes(int code) {
        assertThat(atOnce(close(code, ""))).containsExactly("breach 1002");
    }

    @ParameterizedTest
    @ValueSource(
            ints = {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999})
    void acceptsCodesThatClientsMaySend(int code) {
        assertThat(atOnce(close(code, "bye"))).containsExactly("close " + code);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 124, 125, 126, 127, 128, 65_535, 65_536, 65_537})
    void readsLengthsAtTheirBounds(int length) {
        String text = "x".repeat(length);
        FrameReader reader = new FrameReader(1 << 20, Optional.empty());
        assertThat(atOnce(reader, text(text))).containsExactly("text " + text);
        assertThat(byteByByte(reader, text(text))).containsExactly("text " + text);
    }

    @Test
    void aMessageOfTheLimitIsAccepted() {
        assertThat(atOnce(binary(new byte[LIMIT]))).containsExactly("binary " + "00".repeat(LIMIT));
        assertThat(atOnce(concat(frame(BINARY, new byte[LIMIT - 1]), frame(FIN, new byte[1]))))
                .containsExactly("binary " + "00".repeat(LIMIT));
    }

    @Test
    void aFrameOverTheLimitIsRefusedWithItsHeader() {
        assertThat(byteByByte(announce(FIN | TEXT, 1L << 40))).containsExactly("breach 1009");
    }

    @Test
    void badTextIsRefusedWithItsFirstBadByte() {
        // The frame is neither whole nor the last one of its message.
        byte[] begun = concat(header(TEXT, 100), bytes(0, 0, 0, 0), utf8("good"), bytes(0xe2, 0x28));
        assertThat(atOnce(begun)).containsExactly("breach 1007");
        assertThat(byteByByte(begun)).containsExactly("breach 1007");
    }

    @Test
    void bytesOfABinaryMessageAreNotText() {
        assertThat(byteByByte(concat(frame(BINARY, bytes(0xff)), frame(FIN, bytes(0xc3)))))
                .containsExactly("binary ffc3");
    }

    @Test
    void theNumberOfFragmentsOfAMessageHasALimit() {
        byte[][] most = new byte[1_024][];
        Arrays.fill(most, frame(CONTINUATION, NOTHING));
        most[0] = frame(BINARY, NOTHING);
        most[1_023] = frame(FIN, bytes(7));
        assertThat(atOnce(concat(concat(most), text("next")))).containsExactly("binary 07", "text next");

        most[1_023] = frame(CONTINUATION, NOTHING);
        assertThat(atOnce(concat(concat(most), frame(CONTINUATION, NOTHING)))).containsExactly("breach 1009");
    }

    @Test
    void nothingIsAllocatedForAPayloadThatIsOnlyAnnounced() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        FrameReader reader = new FrameReader(1 << 26, Optional.empty());
        ByteBuf in = Unpooled.wrappedBuffer(concat(announce(FIN | BINARY, 1 << 26), new byte[100]));
        Found found = new Found();
        read(new FrameReader(1 << 26, Optional.empty()), new Found(), in.duplicate()); // loads classes
        long before = threads.getCurrentThreadAllocatedBytes();

        found.read(reader, in);

        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(8 << 10);
        assertThat(found.lines()).isEmpty();
    }

    @Test
    void theHeldBytesAreAtMostTwiceTheReceivedOnes() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        FrameReader reader = new FrameReader(1 << 26, Optional.empty());
        ByteBuf in = Unpooled.wrappedBuffer(announce(BINARY, 1 << 26), new byte[1 << 20]);
        long before = threads.getCurrentThreadAllocatedBytes();

        new Found().read(reader, in);

        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan((2 << 20) + (8 << 10));
    }

    @Test
    void theRestStaysInTheBufferUntilItIsRead() {
        Found found = new Found().pausedAfter(2);
        FrameReader reader = new FrameReader(LIMIT, Optional.empty());
        ByteBuf in = Unpooled.wrappedBuffer(
                concat(text("1"), ping("2"), text("3"), frame(TEXT, utf8("4")), frame(FIN, utf8("5"))));

        found.read(reader, in);
        assertThat(found.lines()).containsExactly("text 1", "ping 2");
        assertThat(in.readableBytes()).isEqualTo(3 * 7);

        found.pausedAfter(Integer.MAX_VALUE).read(reader, in);
        assertThat(found.lines()).containsExactly("text 1", "ping 2", "text 3", "text 45");
        assertThat(in.readableBytes()).isZero();
    }

    private static List<String> atOnce(byte[] bytes) {
        return atOnce(new FrameReader(LIMIT, Optional.empty()), bytes);
    }

    private static List<String> atOnce(FrameReader reader, byte[] bytes) {
        Found found = new Found();
        read(reader, found, Unpooled.wrappedBuffer(bytes));
        return found.lines();
    }

    private static List<String> byteByByte(byte[] bytes) {
        return byteByByte(new FrameReader(LIMIT, Optional.empty()), bytes);
    }

    private static List<String> byteByByte(FrameReader reader, byte[] bytes) {
        Found found = new Found();
        IntStream.range(0, bytes.length).forEach(i -> read(reader, found, Unpooled.wrappedBuffer(bytes, i, 1)));
        return new ArrayList<>(found.lines());
    }

    private static void read(FrameReader reader, Found found, ByteBuf in) {
        found.read(reader, in);
    }
}
