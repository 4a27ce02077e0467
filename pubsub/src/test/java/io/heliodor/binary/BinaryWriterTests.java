package io.heliodor.binary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BinaryWriterTests {
    private static final String TEXT = "\0aé€😀";

    private static final List<Long> NUMBERS = List.of(0L, 1L, 127L, 128L, 16_383L, 16_384L, Long.MAX_VALUE, -1L);

    private static BinaryWriter all(int expected) {
        BinaryWriter out = new BinaryWriter(expected).put(1).bool(true);
        NUMBERS.forEach(number -> out.number(number)
                .int16(number.intValue())
                .int32(number.intValue())
                .int48(number)
                .int64(number));
        return out.text(TEXT)
                .int16Text(TEXT)
                .int32Text(TEXT)
                .modifiedText(TEXT)
                .bytes(new byte[] {1, 2})
                .int32Bytes(new byte[] {3})
                .append(new byte[] {4, 5, 6}, 1, 1)
                .append(new BinaryWriter(9).put(7).put(8))
                .list(List.of("a", "b"), (text, to) -> to.text(text))
                .optional(Optional.empty(), (_, _) -> {})
                .optional(Optional.of("c"), (text, to) -> to.text(text))
                .append(new byte[] {9, 9});
    }

    private static void readAll(BinaryReader in) throws DecodeException {
        in.version(1);
        assertThat(in.bool()).isTrue();
        for (long number : NUMBERS) {
            assertThat(in.number()).isEqualTo(number);
            assertThat(in.int16()).isEqualTo((int) (number & 0xffff));
            assertThat(in.int32()).isEqualTo((int) number);
            assertThat(in.int48()).isEqualTo(number & 0xffff_ffff_ffffL);
            assertThat(in.int64()).isEqualTo(number);
        }
        assertThat(List.of(in.text(), in.int16Text(), in.int32Text(), in.modifiedText()))
                .containsOnly(TEXT);
        assertThat(in.bytes()).containsExactly(1, 2);
        assertThat(in.int32Bytes()).containsExactly(3);
        assertThat(in.part(1).get()).isEqualTo(5);
        assertThat(in.bytes(2)).containsExactly(7, 8);
        assertThat(in.list(1, BinaryReader::text)).containsExactly("a", "b");
        assertThat(in.optional(BinaryReader::text)).isEmpty();
        assertThat(in.optional(BinaryReader::text)).contains("c");
        assertThat(in.left()).isEqualTo(2);
        assertThat(in.rest()).containsExactly(9, 9);
        in.end();
    }

    @Test
    void allIsReadAsItWasWritten() throws DecodeException {
        byte[] written = all(0).toBytes();
        for (int expected : new int[] {1, 100, written.length, 1000}) {
            assertThat(all(expected).toBytes()).isEqualTo(written);
        }
        readAll(new BinaryReader(written));
        byte[] inside = new byte[written.length + 7];
        System.arraycopy(written, 0, inside, 3, written.length);
        readAll(new BinaryReader(inside, 3, 3 + written.length));
    }

    @Test
    void aMessageThatIsCutIsRefusedAtEachByte() {
        byte[] written = all(0).toBytes();
        for (int length = 0; length < written.length - 2; length++) {
            BinaryReader cut = new BinaryReader(written, 0, length);
            assertThatExceptionOfType(DecodeException.class).isThrownBy(() -> readAll(cut));
        }
    }

    @Test
    void numbersOfFixedLengthAndModifiedTextsAreThoseOfDataOutput() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeShort(-2);
        out.writeInt(-3);
        out.writeLong(Long.MIN_VALUE + 4);
        out.writeUTF(TEXT);
        assertThat(new BinaryWriter(0)
                        .int16(-2)
                        .int32(-3)
                        .int64(Long.MIN_VALUE + 4)
                        .modifiedText(TEXT)
                        .toBytes())
                .isEqualTo(bytes.toByteArray());
    }

    @Test
    void aNumberHasSevenBitsInEachByte() {
        assertThat(NUMBERS)
                .extracting(number -> new BinaryWriter(0).number(number).toBytes())
                .allSatisfy(written ->
                        assertThat(written.length).isEqualTo(BinaryWriter.width(new BinaryReader(written).number())))
                .extracting(HexFormat.of()::formatHex)
                .containsExactly(
                        "00", "01", "7f", "8001", "ff7f", "808001", "ffffffffffffffff7f", "ffffffffffffffffff01");
        assertThat(Stream.of("80808080808080808002", "8080808080808080808001", "80"))
                .allSatisfy(hex -> assertThatExceptionOfType(DecodeException.class)
                        .isThrownBy(() -> new BinaryReader(HexFormat.of().parseHex(hex)).number()));
    }

    @Test
    void aLengthThatDoesNotFitIsRefused() {
        byte[] four = {0x7f, (byte) 0xff, (byte) 0xff, (byte) 0xff, 1};
        byte[] negative = {-1, -1, -1, -1, 1};
        for (byte[] bytes : List.of(four, negative)) {
            assertThat(BinaryReader.decode(bytes, BinaryReader::int32Bytes)).isEmpty();
            assertThat(BinaryReader.decode(bytes, BinaryReader::int32Text)).isEmpty();
            assertThat(BinaryReader.decode(bytes, in -> in.int32Count(1))).isEmpty();
        }
        assertThat(BinaryReader.decode(new byte[] {2, 1}, BinaryReader::bytes)).isEmpty();
        assertThat(BinaryReader.decode(new byte[] {1, 1}, in -> in.count(2))).isEmpty();
        assertThat(BinaryReader.decode(new byte[] {0, 1, -1}, BinaryReader::modifiedText))
                .isEmpty();
        assertThat(BinaryReader.decode(new byte[] {2}, BinaryReader::bool)).isEmpty();
    }

    @Test
    void noByteAfterThePartIsRead() throws DecodeException {
        BinaryReader in = new BinaryReader(new byte[] {1, 2, 3, 4}, 1, 3);
        assertThatExceptionOfType(DecodeException.class).isThrownBy(in::int32);
        assertThatExceptionOfType(DecodeException.class).isThrownBy(() -> in.text(3));
        assertThat(in.int16()).isEqualTo(0x203);
        assertThatExceptionOfType(DecodeException.class).isThrownBy(in::get);
    }

    @Test
    void aLengthOfTwoBytesIsNotCut() {
        String tooLong = "a".repeat(65_536);
        BinaryWriter out = new BinaryWriter(0);
        assertThatIllegalArgumentException().isThrownBy(() -> out.int16Text(tooLong));
        assertThatIllegalArgumentException().isThrownBy(() -> out.modifiedText(tooLong));
        assertThat(BinaryReader.decode(out.int16Text(tooLong.substring(1)).toBytes(), BinaryReader::int16Text))
                .contains(tooLong.substring(1));
    }

    @Test
    void anotherVersionAndMoreBytesAreRefused() {
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> new BinaryReader(new byte[] {2}).version(1))
                .withMessageContaining("version 2");
        assertThatExceptionOfType(DecodeException.class)
                .isThrownBy(() -> new BinaryReader(new byte[] {2}).end())
                .withMessageContaining("1 bytes");
    }

    @Test
    void theBytesOfAWriterThatGoesOnDoNotChange() {
        BinaryWriter out = new BinaryWriter(2).put(1).put(2);
        byte[] two = out.toBytes();
        assertThat(out.put(3).toBytes()).containsExactly(1, 2, 3);
        assertThat(two).containsExactly(1, 2);
        assertThat(out.size()).isEqualTo(3);
    }
}
