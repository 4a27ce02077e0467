package io.heliodor.node.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.counter.EnumCounters;
import io.heliodor.link.Peer;
import io.heliodor.link.Time;
import io.heliodor.node.NoPeers;
import io.heliodor.node.loop.NodeLoop;
import io.heliodor.node.loop.PendingRequests;
import io.heliodor.process.Inbox;
import io.heliodor.process.Name;
import io.heliodor.process.Pid;
import io.heliodor.process.engine.NodeCounter;
import io.heliodor.process.engine.Nodes;
import io.heliodor.process.engine.ProcessId;
import io.heliodor.process.engine.Processes;
import io.heliodor.protocol.ReplicatedMaps;
import io.heliodor.type.Type;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class ClusterGroupsTests {
    private static final Peer OTHER = new Peer("b@host", 7);

    @AutoClose
    private final Nodes nodes = new Nodes();

    @AutoClose
    private final Time time = Time.machine("test");

    private final Processes processes = nodes.alone("a").processes;
    private final Peer self = processes.self();
    private final PendingRequests<Boolean> acks = new PendingRequests<>();
    private final ReplicatedMaps maps = new ReplicatedMaps(
            self,
            new NoPeers() {
                @Override
                public void acked(long ticket, boolean all) {
                    acks.complete(ticket, all);
                }
            },
            1,
            1);
    private final NodeLoop loop = new NodeLoop("test", Thread.ofPlatform().daemon(), () -> {}, () -> {});
    private final ClusterGroups groups =
            new ClusterGroups(self, loop, time, maps, acks, processes, new EnumCounters<>(NodeCounter.class));

    @AfterEach
    void end() {
        loop.close();
    }

    /** A change of these bytes is a change of the wire: see docs/design/upgrade.md. */
    @Test
    void theBytesAreThoseOfTheWire() {
        loop.start();
        Pid<String> pid = processes.spawn(Type.of(String.class), Inbox::receive);
        while (Processes.idOf(pid).number() < 71) {
            pid = processes.spawn(Type.of(String.class), Inbox::receive);
        }
        groups.group(Name.of("room:1", String.class)).join(pid);
        CompletableFuture<Map<String, String>> entries = new CompletableFuture<>();
        loop.execute(() -> entries.complete(Map.copyOf(maps.entries(ClusterGroups.MAP, self))));
        assertThat(entries).succeedsWithin(Duration.ofSeconds(20)).isEqualTo(Map.of("room:1 1z", ""));
        groups.received(OTHER, "room:2 1z", true);
        assertThat(groups.members("room:2")).containsExactly(new ProcessId(OTHER, 71));
    }
}
