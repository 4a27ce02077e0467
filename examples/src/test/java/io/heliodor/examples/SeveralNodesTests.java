package io.heliodor.examples;

import static io.heliodor.examples.SeveralNodes.MESSAGE;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.examples.SeveralNodes.Message;
import io.heliodor.examples.SeveralNodes.Online;
import io.heliodor.presence.Presence;
import io.heliodor.testkit.ChannelKit;
import io.heliodor.testkit.ClusterKit;
import io.heliodor.testkit.TestChannel;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The chat on several nodes. */
class SeveralNodesTests {
    private static final String ROOM = "room:lobby";

    // @start region=server
    static ChannelKit serve(ClusterKit cluster, String node) {
        Presence<Online> presence = Presence.over(cluster.node(node).pubsub(), Online.class);
        return ChannelKit.builder(SeveralNodes.socket(presence))
                .node(cluster, node)
                .presence(presence)
                .start();
    }
    // @end

    // @start region=death
    @Test
    void aUserMissesNothingWhenANodeDies() {
        try (ClusterKit cluster = ClusterKit.start("a@host", "b@host");
                ChannelKit a = serve(cluster, "a@host");
                ChannelKit b = serve(cluster, "b@host")) {
            TestChannel ann = a.connect(Map.of("name", "ann")).join(ROOM);
            TestChannel ben = b.connect(Map.of("name", "ben")).join(ROOM);
            ann.push(MESSAGE, new Message("ann", "hello"));
            assertThat(ben.expect(MESSAGE)).isEqualTo(new Message("ann", "hello"));
            assertThat(ann.expect(MESSAGE)).isEqualTo(new Message("ann", "hello"));

            cluster.crash("a@host");
            assertThat(ann.client().expectClose()).isEqualTo(1006);
            ben.push(MESSAGE, new Message("ben", "are you there?"));

            TestChannel back = b.connect(Map.of("name", "ann")).rejoin(ann);
            assertThat(back.recovered()).isTrue();
            assertThat(back.expect(MESSAGE)).isEqualTo(new Message("ben", "are you there?"));
        }
    }
    // @end

    @Test
    void bothSidesOfASplitContinue() {
        try (ClusterKit cluster = ClusterKit.start("a@host", "b@host");
                ChannelKit a = serve(cluster, "a@host");
                ChannelKit b = serve(cluster, "b@host")) {
            TestChannel ann = a.connect(Map.of("name", "ann")).join(ROOM);
            TestChannel ben = b.connect(Map.of("name", "ben")).join(ROOM);
            // @start region=split
            cluster.partition(List.of("a@host"), List.of("b@host"));
            cluster.await(() -> cluster.node("a@host").membership().peers().isEmpty()
                    && cluster.node("b@host").membership().peers().isEmpty());
            ann.push(MESSAGE, new Message("ann", "of this side"));
            ann.expect(MESSAGE);

            cluster.heal();
            assertThat(ben.expect(MESSAGE)).isEqualTo(new Message("ann", "of this side"));
            // @end
        }
    }

    // @start region=restart
    @Test
    void aUserMissesNothingWhenANodeIsStartedAgain() {
        try (ClusterKit cluster = ClusterKit.start("a@host", "b@host");
                ChannelKit b = serve(cluster, "b@host")) {
            TestChannel ben = b.connect(Map.of("name", "ben")).join(ROOM);
            TestChannel ann;
            try (ChannelKit a = serve(cluster, "a@host")) {
                ann = a.connect(Map.of("name", "ann")).join(ROOM);
                cluster.await(() -> ben.presence().containsKey("ann"));
                a.drain();
                assertThat(ann.client().expectClose()).isEqualTo(1001);
            }
            cluster.node("a@host").close();
            cluster.await(() -> !ben.presence().containsKey("ann"));
            ben.push(MESSAGE, new Message("ben", "are you there?"));

            cluster.restart("a@host");
            try (ChannelKit again = serve(cluster, "a@host")) {
                TestChannel back = again.connect(Map.of("name", "ann")).rejoin(ann);
                assertThat(back.recovered()).isTrue();
                assertThat(back.expect(MESSAGE)).isEqualTo(new Message("ben", "are you there?"));
                cluster.await(() -> ben.presence().containsKey("ann"));
            }
        }
    }
    // @end
}
