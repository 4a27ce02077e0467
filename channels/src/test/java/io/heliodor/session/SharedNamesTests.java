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
            request heliodor.channels/heliodor.count
            request heliodor.channels/history
            request heliodor.channels/members
            request heliodor.copies/heliodor.count
            request heliodor.count
            request heliodor.directory/heliodor.count
            request heliodor.endpoints/endpoint/0
            request heliodor.endpoints/heliodor.count
            request heliodor.groups/contributions
            request heliodor.groups/heliodor.count
            request heliodor.presence/heliodor.count
            request heliodor.presence/io.heliodor.session.SharedNamesTests$Meta
            request heliodor.presence/type-1mp3dkem50hub
            request heliodor.sockets/disconnected
            request heliodor.sockets/heliodor.count
            request heliodor.sockets/once
            request heliodor.sockets/pushed/0
            request heliodor.tokens/heliodor.count
            request heliodor.tokens/revoked
            topic heliodor.copies/heliodor.histories
            topic heliodor.directory/Channels
            topic heliodor.directory/OnceCalls
            topic heliodor.groups/contributions
            topic heliodor.groups/contributions/newcomers
            topic heliodor.groups/writers
            topic heliodor.presence/deltas io.heliodor.session.SharedNamesTests$Meta
            topic heliodor.presence/deltas type-1mp3dkem50hub
            topic heliodor.presence/diffs
            topic heliodor.presence/memory
            topic heliodor.sockets/disconnected
            topic heliodor.sockets/disconnected/newcomers
            topic heliodor.sockets/pushes
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
