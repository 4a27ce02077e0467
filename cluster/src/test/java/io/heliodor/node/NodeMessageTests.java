package io.heliodor.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.link.Envelope;
import io.heliodor.link.Message;
import io.heliodor.link.MessageRoutes;
import io.heliodor.link.Peer;
import io.heliodor.node.consensus.ConsensusLog;
import io.heliodor.node.consensus.RaftClientMessage;
import io.heliodor.node.membership.ClusterMetadata;
import io.heliodor.node.membership.Ping;
import io.heliodor.node.pubsub.LocalInterest;
import io.heliodor.node.pubsub.Publish;
import io.heliodor.node.registry.ClusterGroups;
import io.heliodor.protocol.MapMessage;
import io.heliodor.pubsub.engine.TopicAddress;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NodeMessageTests {
    private static final List<Message> ALL = List.of(
            new Publish(new TopicAddress(List.of("scope"), "topic"), new byte[] {-1, 7}),
            new RaftClientMessage.Request(300, RaftClientMessage.Kind.COMMAND, new byte[] {-1, 7}),
            new RaftClientMessage.Request(1, RaftClientMessage.Kind.QUERY, new byte[0]),
            new RaftClientMessage.Request(1, RaftClientMessage.Kind.ADD_VOTER, new byte[0]),
            new RaftClientMessage.Request(1, RaftClientMessage.Kind.REMOVE_VOTER, new byte[0]),
            new RaftClientMessage.Reply(300, new ConsensusLog.Outcome.Committed(5, new byte[] {-1, 7})),
            new RaftClientMessage.Reply(1, new ConsensusLog.Outcome.Refused()),
            new RaftClientMessage.Reply(1, new ConsensusLog.Outcome.Unknown()),
            new Ping(300, false),
            new Ping(300, true),
            new MapMessage.Delta(LocalInterest.MAP, 1, "topic", Optional.of("")),
            new MapMessage.Delta(ClusterGroups.MAP, 1, "group 1z", Optional.of("")),
            new MapMessage.Delta(ClusterMetadata.MAP, 1, "zone", Optional.of("b")));
    private static final String BYTES = """
            46000b73636f706500746f70696302ff07
            4b00ac020002ff07
            4b00010100
            4b00010200
            4b00010300
            4c00ac02010502ff07
            4c000102
            4c000103
            5000ac0200
            5000ac0201
            1f00000105746f7069630100
            1f0001010867726f757020317a0100
            1f000201047a6f6e65010162
            """;

    private final List<Message> read = new ArrayList<>();
    private final MessageRoutes routes = new MessageRoutes()
            .add(70, Publish::read, (_, message, _) -> read.add(message))
            .add(80, Ping::read, (_, message, _) -> read.add(message));

    NodeMessageTests() {
        RaftClientMessage.route(routes, (_, message, _) -> read.add(message));
        MapMessage.route(routes, (_, message, _) -> read.add(message));
    }

    private static List<String> written(List<Message> messages) {
        return messages.stream()
                .map(message -> HexFormat.of().formatHex(Envelope.of(message).toBytes()))
                .toList();
    }

    /** A change of these bytes is a change of the wire: see docs/design/upgrade.md. */
    @Test
    void theBytesAreThoseOfTheWire() {
        List<String> bytes = BYTES.lines().toList();
        assertThat(written(ALL)).containsExactlyElementsOf(bytes);
        bytes.forEach(each -> assertThat(
                        routes.dispatch(new Peer("a@host", 1), HexFormat.of().parseHex(each)))
                .isEmpty());
        assertThat(written(read)).containsExactlyElementsOf(bytes);
    }

    @Test
    void aPublishedMessageWithAnInvalidTopicIsRefused() {
        byte[] withoutATopic = HexFormat.of().parseHex("46000002ff07");
        assertThat(routes.dispatch(new Peer("a@host", 1), withoutATopic)).isPresent();
        assertThat(read).isEmpty();
    }
}
