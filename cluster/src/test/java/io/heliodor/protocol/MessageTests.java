package io.heliodor.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.binary.BinaryWriter;
import io.heliodor.link.Envelope;
import io.heliodor.link.Message;
import io.heliodor.link.MessageRoutes;
import io.heliodor.link.Peer;
import io.heliodor.link.ViewId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MessageTests {
    private static final Peer A = new Peer("chat@a", Long.MAX_VALUE);
    private static final Peer B = new Peer("chat@b", 0);
    private static final ViewId VIEW = new ViewId(300, A);
    private static final Key KEY = new Key(false, "naïve name");
    private static final Claim CLAIM = new Claim(B, 17, 1L << 40, new Term(new ViewId(2, B), 99));

    private static final String BYTES = """
            1e000205010102016b01760000
            1e000000010000
            1f00018080808080808002016b010176
            1f000101016b00
            2000010701
            21000312
            21000300
            22000108ac02
            2800ac0206636861744061ffffffffffffffff7f03
            2900ac0206636861744061ffffffffffffffff7f020102000b6e61c3af7665206e616d65010201010206636861744062\
            0063010165010200000102066368617440620063
            2900ac0206636861744061ffffffffffffffff7f01010000
            2a00ac0206636861744061ffffffffffffffff7f04010002000b6e61c3af7665206e616d650106636861744062001180\
            80808080200206636861744062006300000b6e61c3af7665206e616d6500020663686174406200118080808080200206\
            63686174406200630663686174406200118080808080200206636861744062006301
            2b00ac0206636861744061ffffffffffffffff7f05000b6e61c3af7665206e616d650663686174406200118080808080\
            2002066368617440620063
            2c00ac0206636861744061ffffffffffffffff7f05000b6e61c3af7665206e616d65066368617440620009
            2d00ac0206636861744061ffffffffffffffff7f0500
            2e00ac0206636861744061ffffffffffffffff7f05000b6e61c3af7665206e616d6507
            2f00ac0206636861744061ffffffffffffffff7f05
            3000ac0206636861744061ffffffffffffffff7f050106636861744062001180808080802002066368617440620063
            3000ac0206636861744061ffffffffffffffff7f0500
            3100ac0206636861744061ffffffffffffffff7f05000b6e61c3af7665206e616d65
            3200ac0206636861744061ffffffffffffffff7f05
            3c00
            """;

    private final List<Message> received = new ArrayList<>();
    private final MessageRoutes routes = new MessageRoutes();

    MessageTests() {
        MapMessage.route(routes, (_, message, _) -> received.add(message));
        NamesMessage.route(routes, (_, message, _) -> received.add(message));
        LeaveNotice.route(routes, (_, message, _) -> received.add(message));
    }

    static Stream<Message> messages() {
        return Stream.of(
                new MapMessage.Snapshot(
                        2, 5, 1, true, List.of(new MapMessage.Entry("k", "v"), new MapMessage.Entry("", ""))),
                new MapMessage.Snapshot(0, 0, 1, false, List.of()),
                new MapMessage.Delta(1, 1L << 50, "k", Optional.of("v")),
                new MapMessage.Delta(1, 1, "k", Optional.empty()),
                new MapMessage.Digest(1, 7, true),
                new MapMessage.Pull(3, 17),
                new MapMessage.Pull(3, -1),
                new MapMessage.Ack(1, 8, 300),
                new NamesMessage.ClaimsRequest(VIEW, 3),
                new NamesMessage.Claims(
                        VIEW,
                        2,
                        true,
                        List.of(
                                new NamesMessage.ClaimEntry(KEY, 1, 2, true, Optional.of(CLAIM.since())),
                                new NamesMessage.ClaimEntry(new Key(true, "e"), 1, 2, false, Optional.empty())),
                        Optional.of(CLAIM.since())),
                new NamesMessage.Claims(VIEW, 1, true, List.of(), Optional.empty()),
                new NamesMessage.Table(
                        VIEW,
                        4,
                        1,
                        false,
                        List.of(
                                new NamesMessage.Row(KEY, Optional.of(CLAIM), List.of()),
                                new NamesMessage.Row(KEY, Optional.empty(), List.of(CLAIM, CLAIM))),
                        true),
                new NamesMessage.Granted(VIEW, 5, KEY, CLAIM),
                new NamesMessage.Freed(VIEW, 5, KEY, B, 9),
                new NamesMessage.TableAck(VIEW, 5, 0),
                new NamesMessage.Register(VIEW, 5, KEY, 7),
                new NamesMessage.Committed(VIEW, 5),
                new NamesMessage.Rejected(VIEW, 5, Optional.of(CLAIM)),
                new NamesMessage.Rejected(VIEW, 5, Optional.empty()),
                new NamesMessage.Release(VIEW, 5, KEY),
                new NamesMessage.Released(VIEW, 5),
                new LeaveNotice());
    }

    /** A change of these bytes is a change of the wire: see docs/design/upgrade.md. */
    @Test
    void theBytesAreThoseOfTheWire() {
        assertThat(messages()
                        .map(message ->
                                HexFormat.of().formatHex(Envelope.of(message).toBytes())))
                .containsExactlyElementsOf(BYTES.lines().toList());
    }

    @ParameterizedTest
    @MethodSource("messages")
    void aMessageIsReadAsItWasWritten(Message message) {
        assertThat(routes.dispatch(A, Envelope.of(message).toBytes())).isEmpty();
        assertThat(received).containsExactly(message);
    }

    @ParameterizedTest
    @MethodSource("messages")
    void fieldsOfANewerVersionAreSkipped(Message message) {
        byte[] bytes = Envelope.of(message).toBytes();
        assertThat(routes.dispatch(A, Arrays.copyOf(bytes, bytes.length + 3))).isEmpty();
        assertThat(received).containsExactly(message);
    }

    @ParameterizedTest
    @MethodSource("messages")
    void aTruncatedMessageIsRefused(Message message) {
        byte[] bytes = Envelope.of(message).toBytes();
        for (int length = 0; length < bytes.length; length++) {
            assertThat(routes.dispatch(A, Arrays.copyOf(bytes, length))).isPresent();
        }
        assertThat(received).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("messages")
    void aGarbledMessageThrowsNothing(Message message) {
        byte[] bytes = Envelope.of(message).toBytes();
        var random = new Random(1);
        for (int round = 0; round < 2_000; round++) {
            byte[] garbled = bytes.clone();
            garbled[random.nextInt(garbled.length)] = (byte) random.nextInt();
            assertThat(routes.dispatch(A, garbled)).isNotNull();
        }
    }

    @Test
    void aKeyThatIsTooLongIsRefused() {
        var delta = new BinaryWriter(2_000)
                .put(31)
                .text("")
                .number(0)
                .number(1)
                .text("k".repeat(1_025))
                .bool(false);
        assertThat(routes.dispatch(A, delta.toBytes()))
                .hasValueSatisfying(problem -> assertThat(problem).contains("1025"));
    }
}
