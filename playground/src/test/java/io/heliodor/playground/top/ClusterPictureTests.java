package io.heliodor.playground.top;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.playground.top.ClusterReply.ClusterView;
import io.heliodor.playground.top.ClusterReply.Count;
import io.heliodor.playground.top.ClusterReply.HandlerRow;
import io.heliodor.playground.top.ClusterReply.Handlers;
import io.heliodor.playground.top.ClusterReply.NodeState;
import io.heliodor.playground.top.ClusterReply.Numbers;
import io.heliodor.playground.top.ClusterReply.Overview;
import io.heliodor.playground.top.ClusterReply.Report;
import io.heliodor.playground.top.ClusterReply.TopicRow;
import io.heliodor.playground.top.ClusterReply.Topics;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ClusterPictureTests {
    private static NodeState node(String name, long atMillis, long framesOut) {
        Numbers numbers = new Numbers(2, 3, 4, framesOut / 10, framesOut, 50, 1_024 * framesOut, 6, 1, 100, 0, 2_048);
        ClusterView cluster = new ClusterView("b@h", List.of("a@h", "b@h"), List.of("b@h"));
        return new NodeState(
                name,
                "OK",
                Optional.of(new Report(
                        atMillis,
                        numbers,
                        List.of(new Count("slow", 2), new Count("idle", 0)),
                        List.of(new Count("connect", 1)),
                        Optional.of(cluster))));
    }

    private static ClusterReply reply(List<TopicRow> topics, List<HandlerRow> handlers, NodeState... nodes) {
        return new ClusterReply(new Overview("a@h", 4, List.of(nodes)), new Topics(topics), new Handlers(handlers));
    }

    @Test
    void aPictureShowsSumsAndTheRatesByTheClockOfEachNode() {
        ClusterReply before = reply(List.of(), List.of(), node("a@h", 1_000, 0), node("b@h", 7_000, 1_000));
        ClusterReply now = reply(
                List.of(new TopicRow("room:\u001b[2J", 5, true, List.of(new Count("a@h", 2), new Count("b@h", 3)))),
                List.of(
                        new HandlerRow(
                                "room:*",
                                "event",
                                "shout",
                                50,
                                List.of(0L, 0L, 0L, 97L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 3L)),
                        new HandlerRow("room:*", "join", "join", 0.5, List.of(0L, 1L))),
                node("a@h", 2_000, 100),
                node("b@h", 9_000, 1_400),
                new NodeState("c@h", "NO_DASHBOARD", Optional.empty()));

        assertThat(String.join("\n", new ClusterPicture("http://here/dashboard", before, now).lines()))
                .isEqualTo("""
                        heliodor at http://here/dashboard   2 of 4 nodes

                        connections              4   channels 6           paused 2
                        messages in           30/s   0 B/s
                        messages out         300/s   300.0 KiB/s
                        waiting              200 B   for slow clients     12 for handlers      0 B for loops

                        closed        slow 4
                        refused       connect 2

                        node                         connections  channels   topics            in           out      memory
                        a@h                                    2         3        4          10/s         100/s     2.0 KiB   voter
                        b@h                                    2         3        4          20/s         200/s     2.0 KiB   coordinator, not voting
                        c@h                         no dashboard

                        topic                                        members   nodes
                        room:\\u001b[2J                                    5+   a@h 2, b@h 3

                        handler                                        calls         p50         p99
                        room:* event shout                              50/s      < 8 us      < 2 ms
                        room:* join                                    0.5/s      < 2 us      < 2 us""");
    }

    @Test
    void aNodeThatStartedAgainHasNoNegativeRates() {
        ClusterReply before = reply(List.of(), List.of(), node("a@h", 9_000, 1_000));
        ClusterReply now = reply(List.of(), List.of(), node("a@h", 10_000, 10));
        assertThat(String.join("\n", new ClusterPicture("http://here", before, now).lines()))
                .doesNotContainPattern("-\\d")
                .containsPattern("messages out +0/s");
    }
}
