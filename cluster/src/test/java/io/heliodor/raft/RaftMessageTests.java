package io.heliodor.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import io.heliodor.binary.DecodeException;
import io.heliodor.link.Envelope;
import io.heliodor.link.MessageRoutes;
import io.heliodor.link.Peer;
import io.heliodor.raft.RaftMessage.LogRole;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.Test;

class RaftMessageTests {
    private static final byte[] DATA = {-1, 7};
    private static final LogId LOG = new LogId(Long.MAX_VALUE, 5);
    private static final Voters VOTERS =
            Voters.named(List.of("a@host", "b@host")).with("b@host", "directory");
    private static final Snapshot SNAPSHOT = new Snapshot(300, 2, VOTERS, DATA);

    private static final List<RaftMessage> ALL = List.of(
            new RaftMessage.RequestVote(3, true, 300, 2, Optional.of(VOTERS), 5),
            new RaftMessage.RequestVote(3, false, 300, 2, Optional.empty(), 0),
            new RaftMessage.Vote(3, true, false, "directory", LogRole.EMPTY),
            new RaftMessage.Vote(3, false, true, "", LogRole.VOTER),
            new RaftMessage.Vote(3, false, false, "", LogRole.COPY),
            new RaftMessage.Vote(3, false, false, "", LogRole.RECOVERED),
            new RaftMessage.AppendEntries(
                    LOG,
                    3,
                    300,
                    2,
                    List.of(
                            new RaftEntry(301, 3, RaftEntry.Kind.EMPTY, new byte[0]),
                            new RaftEntry(302, 3, RaftEntry.Kind.COMMAND, DATA),
                            new RaftEntry(303, 3, RaftEntry.Kind.VOTERS, VOTERS.toBytes())),
                    299,
                    7,
                    true,
                    2,
                    5),
            new RaftMessage.Appended(3, true, 303, 7, "directory"),
            new RaftMessage.Appended(3, false, 298, 7, ""),
            new RaftMessage.InstallSnapshot(LOG, 3, SNAPSHOT, 2, true, DATA),
            new RaftMessage.Installed(3, 300, 1));
    private static final String BYTES = """
            5a000301ac02020102066140686f737400066240686f7374096469726563746f727905
            5a000300ac02020000
            5b00030100096469726563746f727900
            5b000300010001
            5b000300000002
            5b000300000003
            5c00ffffffffffffffff7f0503ac020203ad02030000ae02030102ff07af0203021a02066140686f737400066240686f\
            7374096469726563746f7279ab0207010205
            5d000301af0207096469726563746f7279
            5d000300aa020700
            5e00ffffffffffffffff7f0503ac020202066140686f737400066240686f7374096469726563746f7279020102ff07
            5f0003ac0201
            """;
    private static final String BYTES_OF_SNAPSHOT = """
            ac020202066140686f737400066240686f7374096469726563746f727902ff07
            """;

    private final List<RaftMessage> read = new ArrayList<>();
    private final MessageRoutes routes = new MessageRoutes();

    RaftMessageTests() {
        RaftMessage.route(routes, (_, message, _) -> read.add(message));
    }

    private static List<String> written(List<RaftMessage> messages) {
        return messages.stream()
                .map(message -> HexFormat.of().formatHex(Envelope.of(message).toBytes()))
                .toList();
    }

    private static String written(Snapshot snapshot) {
        BinaryWriter out = new BinaryWriter(64);
        snapshot.write(out);
        return HexFormat.of().formatHex(out.toBytes());
    }

    /** An earlier build does not send how many voters its settings name, and one before that does not rank its log. */
    @Test
    void anEarlierBuildSendsFewerFields() throws DecodeException {
        String bytes =
                BYTES.lines().filter(each -> each.startsWith("5c")).findFirst().orElseThrow();
        for (int absent : List.of(1, 3)) {
            String earlier = bytes.substring(0, bytes.length() - 2 * absent);
            assertThat(routes.dispatch(new Peer("a@host", 1), HexFormat.of().parseHex(earlier)))
                    .isEmpty();
        }
        assertThat(read)
                .map(RaftMessage.AppendEntries.class::cast)
                .extracting(
                        RaftMessage.AppendEntries::decided,
                        RaftMessage.AppendEntries::voters,
                        RaftMessage.AppendEntries::settings)
                .containsExactly(Tuple.tuple(true, 2L, 0L), Tuple.tuple(false, 0L, 0L));
    }

    /** A change of these bytes is a change of the wire: see docs/design/upgrade.md. */
    @Test
    void theBytesAreThoseOfTheWire() throws DecodeException {
        List<String> bytes = BYTES.lines().toList();
        assertThat(written(ALL)).containsExactlyElementsOf(bytes);
        bytes.forEach(each -> assertThat(
                        routes.dispatch(new Peer("a@host", 1), HexFormat.of().parseHex(each)))
                .isEmpty());
        assertThat(written(read)).containsExactlyElementsOf(bytes);
        String snapshot = BYTES_OF_SNAPSHOT.strip();
        assertThat(written(SNAPSHOT)).isEqualTo(snapshot);
        assertThat(written(Snapshot.read(new BinaryReader(HexFormat.of().parseHex(snapshot)))))
                .isEqualTo(snapshot);
    }
}
