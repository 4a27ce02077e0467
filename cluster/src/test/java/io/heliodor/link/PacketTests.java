package io.heliodor.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.DecodeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PacketTests {
    private static final Peer ANA = new Peer("ana@host", Long.MAX_VALUE);
    private static final Peer BEN = new Peer("ben@host", 0);

    private static final List<Packet> ALL = List.of(
            new Packet.Open(1, 0),
            new Packet.Open(Long.MAX_VALUE, 300),
            new Packet.Accept(1, 2, 3),
            new Packet.Reset(128),
            new Packet.Batch(1, 2, Long.MAX_VALUE),
            new Packet.Part(1, 2, 3, 300),
            new Packet.Ask(1, 300),
            new Packet.Silence(1, 2, 300));

    private static final String BYTES = """
            01ffffffffffffffff7f000100
            01ffffffffffffffff7f00ffffffffffffffff7fac02
            02ffffffffffffffff7f00010203
            03ffffffffffffffff7f008001
            04ffffffffffffffff7f000102ffffffffffffffff7f
            05ffffffffffffffff7f00010203ac02
            06ffffffffffffffff7f0001ac02
            07ffffffffffffffff7f000102ac02
            04ffffffffffffffff7f0001020302ff0700
            05ffffffffffffffff7f0001020301080b
            """;

    /** A change of these bytes is a change of the wire: see docs/design/upgrade.md. */
    @Test
    void theBytesAreThoseOfTheWire() {
        List<byte[]> envelopes = List.of(new byte[] {-1, 7}, new byte[0]);
        List<byte[]> written = new ArrayList<>();
        ALL.forEach(packet -> written.add(packet.toBytes(ANA, BEN)));
        written.add(Packet.join(new Packet.Batch(1, 2, 3), ANA, BEN, envelopes));
        Fragment fragment = Fragment.of(new byte[] {7, 8, 11, 12}, 1, 2);
        written.add(Packet.join(new Packet.Part(1, 2, 3, fragment.left()), ANA, BEN, fragment));
        assertThat(written)
                .extracting(HexFormat.of()::formatHex)
                .containsExactlyElementsOf(BYTES.lines().toList());
    }

    @Test
    void packetsAreReadAsTheyWereWritten() throws DecodeException {
        for (Packet packet : ALL) {
            BinaryReader in = new BinaryReader(packet.toBytes(ANA, BEN));
            assertThat(Packet.read(in, ANA, BEN)).contains(packet);
            assertThat(in.more()).isFalse();
        }
    }

    @Test
    void aPacketForAnotherIncarnationIsNotRead() throws DecodeException {
        for (Packet packet : ALL) {
            byte[] bytes = packet.toBytes(ANA, BEN);
            assertThat(Packet.read(new BinaryReader(bytes), new Peer("ana@host", 7), BEN))
                    .isEmpty();
            assertThat(Packet.read(new BinaryReader(bytes), ANA, new Peer("ben@host", 7)))
                    .isEmpty();
        }
    }

    @Test
    void aKindOfALaterVersionIsSkipped() throws DecodeException {
        byte[] bytes = ALL.getFirst().toBytes(ANA, BEN);
        bytes[0] = 99;
        assertThat(Packet.read(new BinaryReader(bytes), ANA, BEN)).isEmpty();
    }

    @Test
    void aBatchCarriesItsEnvelopes() throws DecodeException {
        var batch = new Packet.Batch(1, 2, 3);
        List<byte[]> envelopes = List.of(
                new byte[0], new byte[] {1}, bytes(127), bytes(128), bytes(16_383), bytes(16_384), bytes(3_000_000));
        BinaryReader in = new BinaryReader(Packet.join(batch, ANA, BEN, envelopes));
        assertThat(Packet.read(in, ANA, BEN)).contains(batch);
        assertThat(Packet.envelopes(in)).containsExactlyElementsOf(envelopes);
    }

    @Test
    void bytesThatAreCutOffAreRefused() {
        for (Packet packet : ALL) {
            byte[] bytes = packet.toBytes(ANA, BEN);
            for (int length = 0; length < bytes.length; length++) {
                BinaryReader in = new BinaryReader(bytes, 0, length);
                assertThatExceptionOfType(DecodeException.class).isThrownBy(() -> Packet.read(in, ANA, BEN));
            }
        }
    }

    @Test
    void aBatchThatIsDamagedAnywhereHasNoEnvelopes() throws DecodeException {
        byte[] bytes = Packet.join(new Packet.Batch(1, 2, 3), ANA, BEN, List.of(bytes(5), bytes(5)));
        BinaryReader in = new BinaryReader(Arrays.copyOf(bytes, bytes.length - 1));
        Packet.read(in, ANA, BEN);
        assertThatExceptionOfType(DecodeException.class).isThrownBy(() -> Packet.envelopes(in));
    }

    private static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }
}
