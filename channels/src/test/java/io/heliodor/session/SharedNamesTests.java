package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.group.Groups;
import io.heliodor.limit.Limits;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.engine.ClusterPubSub;
import io.heliodor.token.Revocations;
import io.heliodor.type.Type;
import io.heliodor.wire.PayloadCodec;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The names that parts of a node share with those of other nodes. */
class SharedNamesTests {
    private record Meta(String device) {}

    private static final String NAMES = """
            question heliodor.channels/heliodor.count
            question heliodor.channels/history
            question heliodor.channels/members
            question heliodor.copies/heliodor.count
            question heliodor.count
            question heliodor.directory/heliodor.count
            question heliodor.endpoints/endpoint/0
            question heliodor.endpoints/heliodor.count
            question heliodor.groups/contributions
            question heliodor.groups/heliodor.count
            question heliodor.presence/heliodor.count
            question heliodor.presence/io.heliodor.session.SharedNamesTests$Meta
            question heliodor.presence/type-1mp3dkem50hub
            question heliodor.sockets/disconnected
            question heliodor.sockets/heliodor.count
            question heliodor.tokens/heliodor.count
            question heliodor.tokens/revoked
            topic heliodor.copies/heliodor.histories
            topic heliodor.directory/Channels
            topic heliodor.groups/contributions
            topic heliodor.groups/contributions/newcomers
            topic heliodor.groups/writers
            topic heliodor.presence/deltas io.heliodor.session.SharedNamesTests$Meta
            topic heliodor.presence/deltas type-1mp3dkem50hub
            topic heliodor.presence/diffs
            topic heliodor.sockets/disconnected
            topic heliodor.sockets/disconnected/newcomers
            topic heliodor.tokens/revoked
            topic heliodor.tokens/revoked/newcomers
            """;

    /** Other bytes are another wire: see docs/design/upgrade.md. */
    @Test
    void theBytesAreThoseOfTheWire() {
        RecordedTransport cluster = new RecordedTransport();
        try (PubSub pubsub = ClusterPubSub.over(cluster);
                Hub _ = new Hub(pubsub, PayloadCodec.strict(), Limits.openInternet(), () -> 0);
                Groups _ = Groups.over(pubsub);
                Revocations _ = Revocations.over(pubsub);
                Presence<Meta> _ = Presence.over(pubsub, Meta.class);
                Presence<?> _ =
                        Presence.over(pubsub, new Type<Map<Meta, Map<Meta, Map<Meta, List<List<Meta>>>>>>() {})) {
            assertThat(cluster.names).containsExactlyElementsOf(NAMES.lines().toList());
        }
    }
}
