package io.heliodor.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Empty;
import io.heliodor.pubsub.PubSub;
import io.heliodor.testkit.ChannelKit;
import io.heliodor.testkit.TestClient;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The limits of the answers of one node. */
@Timeout(60)
class BoundsTests {
    private static final int MANY = 60;

    private final PubSub pubsub = PubSub.local();

    private final ChannelKit server = ChannelKit.builder(UserSocket.connect(connect ->
                            Connect.ok(Empty.EMPTY, connect.param("id").orElse("?")))
                    .channel("room:*", Channel.join(_ -> Join.ok(Empty.EMPTY)).build())
                    .build())
            .pubsub(pubsub)
            .start();

    private final LocalNode node = localNode(pubsub);

    @AfterEach
    void close() {
        node.close();
        server.close();
        pubsub.close();
    }

    private static LocalNode localNode(PubSub of) {
        Traces traces = new Traces(of, TraceLimits.DEFAULTS, new ShownPayloads(), System::nanoTime);
        return new LocalNode(of, Optional::empty, new Presences(Map.of()), traces, System::nanoTime);
    }

    private TestClient connect(String id) {
        return server.connect(Map.of("id", id));
    }

    @Test
    void aConnectionIsShownWithItsFirstTopics() {
        TestClient client = connect("ana");
        for (int i = 0; i < MANY; i++) {
            client.join("room:" + i);
        }
        UserReport report = node.user("ana");
        assertThat(report.connections()).singleElement().satisfies(connection -> {
            assertThat(connection.channels()).isEqualTo(MANY);
            assertThat(connection.topics())
                    .hasSize(LocalNode.MAX_TOPICS_OF_CONNECTION)
                    .startsWith("room:0", "room:1");
        });
        assertThat(node.topics("room:").topics()).hasSize(LocalNode.MAX_TOPICS);
        assertThat(node.topics("room:").total()).isEqualTo(MANY);
        assertThat(node.topics("room:5").topics()).hasSize(11);
    }

    @Test
    void aUserIsShownWithSomeOfItsConnections() {
        for (int i = 0; i < MANY; i++) {
            connect("ana").join("room:1");
        }
        assertThat(node.user("ana").connections()).hasSize(LocalNode.MAX_CONNECTIONS);
        assertThat(node.user("ana").total()).isEqualTo(MANY);
        assertThat(node.topic("room:1").members()).hasSize(LocalNode.MAX_MEMBERS);
        assertThat(node.topic("room:1").total()).isEqualTo(MANY);
        assertThat(node.users("").ids()).containsExactly("ana");
    }

    @Test
    void someIdsAreShownInTheirOrderAndLongOnesAreCut() {
        for (int i = 0; i < MANY; i++) {
            connect("user:" + (100 + i));
        }
        connect("x".repeat(300));
        IdList ids = node.users("user:");
        assertThat(ids.ids()).hasSize(LocalNode.MAX_IDS).isSorted().startsWith("user:100");
        assertThat(ids.total()).isEqualTo(MANY);
        assertThat(ids.complete()).isTrue();
        assertThat(node.users("xxx").ids()).containsExactly("x".repeat(254) + "…");
    }

    @Test
    void anIdIsCutBetweenCharactersAndNotWithinOne() {
        connect("a" + "😀".repeat(130));
        connect("ab" + "😀".repeat(130));
        assertThat(node.users("").ids()).containsExactly("ab" + "😀".repeat(126) + "…", "a" + "😀".repeat(126) + "…");
    }

    @Test
    void aNodeWithoutAnEndpointHasNothing() {
        try (PubSub other = PubSub.local()) {
            LocalNode empty = localNode(other);
            assertThat(empty.overview().numbers().connections()).isZero();
            assertThat(empty.topics("").topics()).isEmpty();
            assertThat(empty.users("").complete()).isTrue();
        }
    }
}
