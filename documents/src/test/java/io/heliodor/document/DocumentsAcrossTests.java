package io.heliodor.document;

import static io.heliodor.document.Messages.AWARENESS;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.UserSocket;
import io.heliodor.document.Messages.Enter;
import io.heliodor.document.Messages.Present;
import io.heliodor.testkit.ChannelKit;
import io.heliodor.testkit.ClusterKit;
import io.heliodor.testkit.TestChannel;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The members of a document at two nodes. */
@Timeout(60)
class DocumentsAcrossTests {
    private static final String A = "a@host";
    private static final String B = "b@host";
    private static final String ANN = "0123456789abcdef";
    private static final String EVE = "fedcba9876543210";

    private final DocumentStore store = DocumentStore.inMemory();

    @AutoClose
    private final ClusterKit cluster = ClusterKit.start(A, B);

    @AutoClose
    private final ChannelKit a = serve(A);

    @AutoClose
    private final ChannelKit b = serve(B);

    private ChannelKit serve(String node) {
        Documents documents = Documents.of(cluster.node(node).pubsub(), store);
        UserSocket<Object> socket =
                UserSocket.open().channel("doc:*", documents.channel().build()).build();
        return ChannelKit.builder(socket).node(cluster, node).start();
    }

    private static Enter enter(long client, String secret) {
        return new Enter(Optional.of(client), Optional.of(secret));
    }

    private static TestChannel join(ChannelKit kit, long client, String secret) {
        return kit.connect().join("doc:1", enter(client, secret));
    }

    private void awaitPresences(TestChannel channel, String client, int expected) {
        cluster.await(() -> {
            Map<String, List<Present>> all = channel.presence(Present.class);
            return all.getOrDefault(client, List.of()).size() == expected;
        });
    }

    @Test
    void anIdBelongsToItsPageAtAllNodes() {
        TestChannel ann = join(a, 17, ANN);
        TestChannel bo = join(b, 18, EVE);
        awaitPresences(bo, "17", 1);
        assertThat(b.connect().joinRefused("doc:1", enter(17, EVE)).reason()).isEqualTo("client_taken");
        TestChannel back = join(b, 17, ANN);
        awaitPresences(bo, "17", 2);
        back.push(AWARENESS, ByteBuffer.wrap(new byte[] {1}));
        assertThat(bo.expect(AWARENESS).getLong()).isEqualTo(17);
        ann.client().drop();
        awaitPresences(bo, "17", 1);
        assertThat(b.connect().joinRefused("doc:1", enter(17, EVE)).reason()).isEqualTo("client_taken");
    }

    @Test
    void membersThatTookAnIdAtTheSameTimeShareNoAwarenessUnderIt() {
        TestChannel bo = join(b, 18, EVE);
        awaitPresences(bo, "18", 1);
        cluster.partition(List.of(A), List.of(B));
        TestChannel ann = join(a, 17, ANN);
        TestChannel eve = join(b, 17, EVE);
        cluster.heal();
        awaitPresences(bo, "17", 2);
        awaitPresences(ann, "17", 2);
        for (TestChannel each : List.of(ann, eve)) {
            assertThat(each.pushRefused(AWARENESS, ByteBuffer.wrap(new byte[] {1}))
                            .reason())
                    .isEqualTo("client_taken");
        }
        bo.expectNothing(AWARENESS);
        eve.leave();
        awaitPresences(ann, "17", 1);
        ann.push(AWARENESS, ByteBuffer.wrap(new byte[] {1}));
        assertThat(bo.expect(AWARENESS).getLong()).isEqualTo(17);
    }
}
