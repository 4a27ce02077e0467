package io.heliodor.wire;

import static io.heliodor.wire.Messages.binary;
import static io.heliodor.wire.Messages.decodeBinary;
import static io.heliodor.wire.Messages.frame;
import static io.heliodor.wire.Messages.hex;
import static io.heliodor.wire.Messages.json;
import static io.heliodor.wire.Messages.ref;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Binary messages of version 2.0.0, and the mode without them. */
class V2BinaryTests {
    private static final V2Serializer V2 = new V2Serializer();
    private static final V2TextSerializer TEXT = new V2TextSerializer();

    @Test
    void aReplyIsOfKindOne() {
        assertThat(hex(V2.reply(ref("'3'"), ref("'7'"), "room:é", "ok", binary("01 02 03"))))
                .isEqualTo("01 01 01 07 02 33 37 72 6f 6f 6d 3a c3 a9 6f 6b 01 02 03");
    }

    @Test
    void aPushIsOfKindZeroAndHasNoRef() {
        assertThat(hex(V2.push(ref("'3'"), Ref.NULL, "room:é", "upload", binary("be ef"))))
                .isEqualTo("00 01 07 06 33 72 6f 6f 6d 3a c3 a9 75 70 6c 6f 61 64 be ef");
        assertThat(V2.push(ref("'3'"), ref("'4'"), "t", "e", binary("00")))
                .isEqualTo(V2.push(ref("'3'"), Ref.NULL, "t", "e", binary("00")));
    }

    @Test
    void aBroadcastIsOfKindTwoAndHasNoRefs() {
        assertThat(hex(V2.broadcast(Ref.NULL, "room:é", "upload", binary("ff"))))
                .isEqualTo("02 07 06 72 6f 6f 6d 3a c3 a9 75 70 6c 6f 61 64 ff");
        assertThat(V2.broadcast(Ref.of("@17"), "t", "e", binary("00")))
                .isEqualTo(V2.broadcast(Ref.NULL, "t", "e", binary("00")));
    }

    @Test
    void noBytesAreBytesToo() {
        assertThat(hex(V2.broadcast(Ref.NULL, "t", "e", binary("")))).isEqualTo("02 01 01 74 65");
    }

    @Test
    void aRefIsWrittenAsTheTextThatItStandsFor() {
        assertThat(hex(V2.reply(Ref.NULL, ref("17"), "t", "ok", binary(""))))
                .isEqualTo("01 00 02 01 02 31 37 74 6f 6b");
        assertThat(hex(V2.push(Ref.of("\"\né"), Ref.NULL, "t", "e", binary(""))))
                .isEqualTo("00 04 01 01 22 0a c3 a9 74 65");
        assertThat(hex(V2.push(ref("''"), Ref.NULL, "t", "e", binary("")))).isEqualTo("00 00 01 01 74 65");
    }

    @Test
    void writtenMessagesAreMarkedAsBinary() {
        assertThat(Stream.of(
                        V2.reply(Ref.NULL, Ref.NULL, "t", "ok", binary("")),
                        V2.push(Ref.NULL, Ref.NULL, "t", "e", binary("")),
                        V2.broadcast(Ref.NULL, "t", "e", binary(""))))
                .allMatch(Serializer::isBinary);
        assertThat(Stream.of(
                        V2.reply(Ref.NULL, Ref.NULL, "t", "ok", json("{}")),
                        V2.push(Ref.NULL, Ref.NULL, "t", "e", json("{}")),
                        V2.broadcast(Ref.NULL, "t", "e", json("{}")),
                        new V1Serializer().broadcast(Ref.NULL, "t", "e", json("{}"))))
                .noneMatch(Serializer::isBinary);
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "é"})
    void aNameOf255BytesIsTheLongest(String last) {
        String longest = "x".repeat(255 - Messages.utf8(last).length) + last;
        Frame pushed = frame(decodeBinary(V2, "00 ff ff ff ff" + hexOf(longest).repeat(4)));
        Ref ref = pushed.ref();
        assertThat(V2.reply(ref, ref, longest, longest, binary("01"))).hasSize(5 + 4 * 255 + 1);
        assertThat(V2.push(ref, ref, longest, longest, binary("01"))).hasSize(4 + 3 * 255 + 1);
        assertThat(V2.broadcast(ref, longest, longest, binary("01"))).hasSize(3 + 2 * 255 + 1);
    }

    static Stream<Runnable> tooLong() {
        String name = "x".repeat(254) + "é";
        Ref ref = Ref.of(name);
        Payload payload = binary("01");
        return Stream.of(
                () -> V2.reply(ref, Ref.NULL, "t", "ok", payload),
                () -> V2.reply(Ref.NULL, ref, "t", "ok", payload),
                () -> V2.reply(Ref.NULL, Ref.NULL, name, "ok", payload),
                () -> V2.reply(Ref.NULL, Ref.NULL, "t", name, payload),
                () -> V2.push(ref, Ref.NULL, "t", "e", payload),
                () -> V2.push(Ref.NULL, Ref.NULL, name, "e", payload),
                () -> V2.push(Ref.NULL, Ref.NULL, "t", name, payload),
                () -> V2.broadcast(Ref.NULL, name, "e", payload),
                () -> V2.broadcast(Ref.NULL, "t", name, payload));
    }

    @ParameterizedTest
    @MethodSource("tooLong")
    void aNameOf256BytesIsRefused(Runnable write) {
        assertThatIllegalArgumentException().isThrownBy(write::run).withMessageContaining("has 256 bytes");
    }

    @Test
    void inTextOnlyModeNothingIsWrittenForBytes() {
        assertThat(TEXT.reply(Ref.NULL, ref("'1'"), "t", "ok", binary("01"))).isSameAs(Serializer.UNSUPPORTED);
        assertThat(TEXT.push(ref("'3'"), Ref.NULL, "t", "e", binary("01"))).isSameAs(Serializer.UNSUPPORTED);
        assertThat(TEXT.broadcast(Ref.NULL, "t", "e", binary("01"))).isSameAs(Serializer.UNSUPPORTED);
    }

    @Test
    void inTextOnlyModeAllElseIsUnchanged() {
        assertThat(TEXT.reply(ref("'3'"), ref("'1'"), "t", "ok", json("[1]")))
                .isEqualTo(V2.reply(ref("'3'"), ref("'1'"), "t", "ok", json("[1]")));
        assertThat(TEXT.push(ref("'3'"), Ref.NULL, "t", "e", json("{}")))
                .isEqualTo(V2.push(ref("'3'"), Ref.NULL, "t", "e", json("{}")));
        assertThat(TEXT.broadcast(Ref.of("@1"), "t", "e", json("{}")))
                .isEqualTo(V2.broadcast(Ref.of("@1"), "t", "e", json("{}")));
        assertThat(frame(decodeBinary(TEXT, "00 01 01 01 01 33 37 74 65 ff")).event())
                .isEqualTo("e");
        assertThat(TEXT.carriesJoinRef()).isTrue();
    }

    private static String hexOf(String text) {
        return hex(Messages.utf8(text));
    }
}
