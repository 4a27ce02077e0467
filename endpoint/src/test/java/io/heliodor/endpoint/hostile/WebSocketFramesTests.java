package io.heliodor.endpoint.hostile;

import static io.heliodor.endpoint.hostile.Row.LIMIT;
import static io.heliodor.endpoint.hostile.Row.frames;
import static io.heliodor.transport.frame.ClientFrames.FIN;
import static io.heliodor.transport.frame.ClientFrames.announce;
import static io.heliodor.transport.frame.ClientFrames.bytes;
import static io.heliodor.transport.frame.ClientFrames.close;
import static io.heliodor.transport.frame.ClientFrames.concat;
import static io.heliodor.transport.frame.ClientFrames.frame;
import static io.heliodor.transport.frame.ClientFrames.header;
import static io.heliodor.transport.frame.ClientFrames.ping;
import static io.heliodor.transport.frame.ClientFrames.text;
import static io.heliodor.transport.frame.ClientFrames.utf8;

import io.heliodor.endpoint.RawClient;
import io.heliodor.transport.frame.ClientDeflate;
import io.heliodor.transport.frame.ClientFrames;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Violations of the WebSocket protocol. */
class WebSocketFramesTests extends HostileTest {
    private static final int TEXT = 1;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int COMPRESSED_TEXT = FIN | ClientDeflate.RSV1 | TEXT;

    /** 256 MiB in a quarter of one. */
    private static final byte[] BOMB = ClientDeflate.bomb(1L << 28);

    static List<Row> rows() {
        byte[] secret = Target.secret();
        return List.of(
                frames("a frame that is not masked", "close 1002", concat(bytes(FIN | TEXT, secret.length), secret))
                        .counts("closed_protocol"),
                frames(
                                "each of the three reserved bits",
                                "close 1002",
                                frame(FIN | 0x40 | TEXT, secret),
                                frame(FIN | 0x20 | TEXT, secret),
                                frame(FIN | 0x10 | BINARY, secret))
                        .counts("closed_protocol"),
                frames("each reserved opcode", "close 1002", reservedOpcodes()).counts("closed_protocol"),
                frames(
                                "a length in more bytes than it needs",
                                "close 1002",
                                concat(header(FIN | TEXT, 126, 125), new byte[129]),
                                concat(header(FIN | TEXT, 126, 0), bytes(0, 0, 0, 0)),
                                announce(FIN | BINARY, 65_535),
                                announce(FIN | BINARY, 1))
                        .counts("closed_protocol"),
                frames(
                                "a length with its top bit set",
                                "close 1002",
                                announce(FIN | TEXT, Long.MIN_VALUE),
                                announce(FIN | BINARY, -1))
                        .counts("closed_protocol"),
                frames("a continuation of nothing", "close 1002", frame(FIN, secret), frame(0, secret))
                        .counts("closed_protocol"),
                frames(
                                "a message within a message",
                                "close 1002",
                                concat(frame(TEXT, utf8("[")), text("[]")),
                                concat(frame(TEXT, utf8("[")), ClientFrames.binary(secret)))
                        .counts("closed_protocol"),
                frames(
                                "a control frame in fragments, or of more than 125 bytes",
                                "close 1002",
                                frame(PING, bytes()),
                                frame(CLOSE, bytes()),
                                frame(FIN | PING, new byte[126]),
                                frame(FIN | CLOSE, new byte[1 << 16]))
                        .counts("closed_protocol"),
                frames("a close of one byte", "close 1002", frame(FIN | CLOSE, bytes(3)))
                        .counts("closed_protocol"),
                frames("a close code that must not be sent", "close 1002", forbiddenCodes())
                        .counts("closed_protocol"),
                frames(
                                "bad UTF-8 in the reason of a close",
                                "close 1007",
                                frame(FIN | CLOSE, bytes(3, 0xe8, 0xff)),
                                frame(FIN | CLOSE, bytes(3, 0xe8, 0xc3)))
                        .counts("closed_protocol"),
                frames("text that is not UTF-8", "close 1007", badTexts())
                        .counts("closed_protocol")
                        .countsAtLeast("frames_malformed", 0),
                frames(
                                "the first bad byte of a text that has only begun",
                                "close 1007",
                                concat(header(TEXT, 100), bytes(0, 0, 0, 0, 0xff)),
                                concat(header(TEXT, 100), bytes(0, 0, 0, 0), utf8("good"), bytes(0xe2, 0x28)))
                        .counts("closed_protocol"),
                frames(
                                "the header of a frame over the limit, or of 2^32 or 2^62 bytes",
                                "close 1009",
                                concat(header(FIN | TEXT, 126, LIMIT + 1), bytes(0, 0, 0, 0)),
                                announce(FIN | BINARY, 1L << 32),
                                announce(FIN | BINARY, 1L << 62))
                        .counts("closed_too_large"),
                frames(
                                "fragments that add up to more than the limit",
                                "close 1009",
                                concat(frame(BINARY, new byte[LIMIT]), frame(FIN, new byte[1])))
                        .counts("closed_too_large"),
                frames("100 000 empty fragments", "close 1009", emptyFragments())
                        .times(3)
                        .counts("closed_too_large"),
                Row.of(
                                "a protocol error in one packet with the handshake",
                                "close 1002",
                                target -> target.end(target.connect()
                                        .send(concat(utf8(RawClient.upgradeRequest("")), bytes(FIN | TEXT, 0)))
                                        .upgraded()))
                        .counts("closed_protocol"),
                compressed("a bomb of 256 MiB, where compression is on", "close 1009", frame(COMPRESSED_TEXT, BOMB))
                        .counts("closed_too_large"),
                compressed(
                                "a message one byte over the limit when it is inflated",
                                "close 1009",
                                frame(COMPRESSED_TEXT, ClientDeflate.bomb((1 << 20) + 1)))
                        .counts("closed_too_large"),
                compressed(
                                "a compressed message that is not DEFLATE, or truncated",
                                "close 1007",
                                frame(COMPRESSED_TEXT, bytes(0xff, 0xff, 0xff)),
                                frame(COMPRESSED_TEXT, bytes(0xf2, 0x48)))
                        .counts("closed_protocol"),
                compressed(
                                "compressed text that is not UTF-8",
                                "close 1007",
                                frame(COMPRESSED_TEXT, ClientDeflate.deflate(bytes('[', 0xff, ']'))))
                        .counts("closed_protocol")
                        .counts("frames_malformed"),
                compressed(
                                "a compressed ping",
                                "close 1002",
                                frame(FIN | ClientDeflate.RSV1 | PING, ClientDeflate.deflate(secret)))
                        .counts("closed_protocol"),
                Row.of(
                                "10 000 pings at once",
                                "a pong for each of the first 100, then close 4429",
                                WebSocketFramesTests::pings)
                        .times(3)
                        .counts("closed_pings"));
    }

    /** The same on a connection that has negotiated compression. */
    private static Row compressed(String input, String outcome, byte[]... variants) {
        return Row.of(
                        input,
                        outcome,
                        target -> target.end(
                                target.closing(RawClient.openCompressed(target.live().endpoint))
                                        .joins("room:a"),
                                variants[target.round() % variants.length]))
                .on(builder -> builder.compression(true));
    }

    private static byte[][] reservedOpcodes() {
        return IntStream.of(3, 4, 5, 6, 7, 0xb, 0xc, 0xd, 0xe, 0xf)
                .mapToObj(opcode -> frame(FIN | opcode, Target.secret()))
                .toArray(byte[][]::new);
    }

    private static byte[][] forbiddenCodes() {
        return IntStream.of(0, 999, 1004, 1005, 1006, 1015, 1016, 1999, 2000, 2999, 5000, 65_535)
                .mapToObj(code -> close(code, Target.SECRET))
                .toArray(byte[][]::new);
    }

    private static byte[][] badTexts() {
        return new byte[][] {
            frame(FIN | TEXT, bytes('[', 0xff, ']')),
            frame(FIN | TEXT, bytes('x', 0xff)),
            frame(FIN | TEXT, bytes('[', ']', 0xff)),
            frame(FIN | TEXT, concat(utf8("[null,null,\"a\",\"b\",\""), bytes(0xc0, 0x80), utf8("\"]"))),
            frame(FIN | TEXT, concat(utf8("[null,null,\"a\",\"b\",\""), bytes(0xed, 0xa0, 0x80), utf8("\"]"))),
            concat(frame(TEXT, bytes(0xc3)), frame(FIN, bytes()))
        };
    }

    private static byte[] emptyFragments() {
        byte[][] fragments = new byte[100_000][];
        Arrays.fill(fragments, frame(0, bytes()));
        fragments[0] = frame(TEXT, bytes());
        return concat(fragments);
    }

    private static String pings(Target target) {
        byte[][] pings = new byte[10_000][];
        Arrays.fill(pings, ping("x"));
        RawClient client = target.open().trySend(concat(pings));
        for (int i = 0; i < 100; i++) {
            client.receives("pong x");
        }
        return "a pong for each of the first 100, then " + target.end(client);
    }
}
