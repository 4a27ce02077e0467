package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.heliodor.channel.Channel;
import io.heliodor.channel.History;
import io.heliodor.channel.Join;
import io.heliodor.channel.SlowPolicy;
import io.heliodor.event.Event;
import io.heliodor.pubsub.PubSub;
import io.heliodor.session.budget.MemoryBudget;
import io.heliodor.session.budget.TopicLimits;
import io.heliodor.session.fanout.Broadcast;
import io.heliodor.session.fanout.BroadcastTap;
import io.heliodor.session.fanout.Fastlane;
import io.heliodor.session.fanout.FastlaneTopic;
import io.heliodor.session.fanout.Intercepts;
import io.heliodor.session.fanout.JoinBarrier;
import io.heliodor.session.fanout.Members;
import io.heliodor.session.fanout.SlowPolicies;
import io.heliodor.session.retention.KeptTopics;
import io.heliodor.session.telemetry.Counters;
import io.heliodor.wire.Payload;
import io.heliodor.wire.PayloadCodec;
import io.heliodor.wire.V2Serializer;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Topics between the pub/sub and the lanes. */
class FastlaneTests {
    @AutoClose
    private final TestServer server = new TestServer();

    private void serve() {
        server.serve("room:*", Channel.join(join -> Join.ok("a")).build());
    }

    @Test
    void aTopicIsSubscribedToOnceAndOnlyWhileItHasMembers() {
        serve();
        PubSub channels = server.pubsub.scope("heliodor.channels");
        Client ana = server.connect();
        Client ben = server.connect();
        ana.joins("3", "room:42");
        ben.joins("3", "room:42");
        assertThat(channels.count("room:42")).isEqualTo(1);
        ana.drops();
        assertThat(channels.count("room:42")).isEqualTo(1);
        ben.sends("['3','4','room:42','phx_leave',{}]");
        ben.receives(
                "['3','4','room:42','phx_reply',{'status':'ok','response':{}}]", "['3','3','room:42','phx_close',{}]");
        assertThat(channels.count("room:42")).isZero();
        assertThat(server.hub.topics()).isZero();
    }

    @Test
    void aTopicThatCannotBeSubscribedToStaysInNoList() {
        serve();
        server.serve(
                "kept:*",
                Channel.join(join -> Join.ok("a"))
                        .history(History.of(100, Duration.ofMinutes(5), Chat.SAY))
                        .build());
        Client client = server.connect();
        server.pubsub.close();
        client.sends("['1','1','room:42','phx_join',{}]", "['2','2','kept:42','phx_join',{}]");
        client.receivesInAnyOrder(
                "['1','1','room:42','phx_reply',{'status':'error','response':{'reason':'join crashed'}}]",
                "['2','2','kept:42','phx_reply',{'status':'error','response':{'reason':'join crashed'}}]");
        assertThat(server.hub.topics()).isZero();
        assertThat(server.hub.keptTopics().histories().topics()).isZero();
    }

    private boolean isPrompt(String topic) {
        return server.hub.fastlane().find(topic).orElseThrow().isPrompt();
    }

    @Test
    void aTopicIsPromptWithoutAHistoryAndWithoutCodeOfUsers() {
        serve();
        server.serve(
                "kept:*",
                Channel.join(join -> Join.ok("a"))
                        .history(History.of(100, Duration.ofMinutes(5), Chat.SAY))
                        .build());
        server.serve(
                "typing:*",
                Channel.join(join -> Join.ok("a"))
                        .whenSlow(Chat.SAY, SlowPolicy.drop())
                        .build());
        Client client = server.connect();
        client.joins("1", "room:42");
        client.sends("['2','2','kept:42','phx_join',{}]");
        assertThat(client.next()).contains("history");
        client.joins("3", "typing:42");
        assertThat(isPrompt("room:42")).isTrue();
        assertThat(isPrompt("kept:42")).isFalse();
        assertThat(isPrompt("typing:42")).isFalse();
    }

    @Test
    void aTopicIsPromptWhileItsLanesHaveRoom() {
        serve();
        Client client = server.connect();
        client.joins("1", "room:42");
        int sent = 0;
        while (isPrompt("room:42")) {
            assertThat(++sent).isLessThan(20);
            server.hub.channels().broadcast("room:42", Chat.SAY, new Chat.Text("x".repeat(1 << 20)));
        }
        Broadcast broadcast = new Broadcast(
                Chat.SAY.name(), PayloadCodec.strict().encode(new Chat.Text("more")), null, null, null, null);
        assertThat(server.hub.fastlane().find("room:42").orElseThrow().receiveNow(broadcast))
                .isFalse();
        for (int i = 0; i < sent; i++) {
            assertThat(client.next()).contains("say");
        }
        assertThat(isPrompt("room:42")).isTrue();
    }

    @Test
    void aBroadcastOfTheVeryMomentInWhichAJoinReplyIsEnqueuedFollowsIt() {
        serve();
        Client client = server.connect();
        server.loop().onceWoken(() -> server.hub.channels().broadcast("room:42", Chat.SAY, new Chat.Text("at once")));
        client.sends("['3','3','room:42','phx_join',{}]");
        client.receives(
                "['3','3','room:42','phx_reply',{'status':'ok','response':{}}]",
                "[null,null,'room:42','say',{'text':'at once'}]");
    }

    /** The publisher did not find the topic; the first member joins before the pub/sub has its subscribers. */
    @Test
    void aBroadcastFromBeforeAJoinDoesNotReachAMemberWithoutAToken() {
        server.serve(
                "kept:*",
                Channel.join(join -> Join.ok("a"))
                        .history(History.of(100, Duration.ofMinutes(5), Chat.SAY))
                        .build());
        Client client = server.connect();
        client.sends("['3','3','kept:42','phx_join',{}]");
        assertThat(client.next()).contains("\"status\":\"ok\"");
        Fastlane fastlane = server.hub.fastlane();
        Payload text = PayloadCodec.strict().encode(new Chat.Text("before"));
        fastlane.find("kept:42")
                .orElseThrow()
                .receive(new Broadcast(Chat.SAY.name(), text, null, null, null, fastlane));
        server.hub.channels().broadcast("kept:42", Chat.SAY, new Chat.Text("after"));
        assertThat(client.next()).contains("after");
    }

    @Test
    void aTopicThatIsGoneIsNotJoinedAnyMore() {
        try (PubSub pubsub = PubSub.local()) {
            var lane = new LaneSessions(server.loop(), new Counters(), new LoadShedder(server.hub.memory(), () -> 0));
            var kind = new Members.Kind(lane.lane(), new V2Serializer(), SlowPolicies.NONE, Intercepts.NONE, false);
            var fastlane = new KeptTopics(
                            pubsub,
                            PayloadCodec.strict(),
                            new Counters(),
                            () -> 0,
                            1 << 20,
                            TopicLimits.DEFAULTS,
                            new MemoryBudget(1 << 20),
                            new ServedRoutes(),
                            (_, _) -> {},
                            0,
                            BroadcastTap.NONE)
                    .fastlane();
            var topic = fastlane.findOrCreate("room:42");
            topic.leave(new Members(topic, kind));
            assertThat(topic.expect(new JoinBarrier.Joining(null, kind, Optional.empty(), Optional.empty())))
                    .isEqualTo(new FastlaneTopic.Expectation.Ended());
            assertThat(pubsub.count("room:42")).isZero();
        }
    }

    @Test
    void aBroadcastToSeveralTopicsIsEncodedOnceAndReachesEachOnce() {
        serve();
        Client client = server.connect();
        client.joins("3", "room:1");
        client.joins("4", "room:2");
        var written = new AtomicInteger();
        record Counted(@JsonIgnore AtomicInteger counter) {
            @JsonProperty
            int times() {
                return counter.incrementAndGet();
            }
        }
        var topics = new LinkedHashSet<>(List.of("room:2", "room:nobody", "room:1"));
        server.hub.channels().broadcast(topics, Event.of("counted", Counted.class), new Counted(written));
        client.receives("[null,null,'room:2','counted',{'times':1}]", "[null,null,'room:1','counted',{'times':1}]");
        assertThat(written).hasValue(1);
    }

    @Test
    void aBroadcastToSeveralTopicsThatCannotBeWrittenReachesNone() {
        serve();
        Client client = server.connect();
        client.joins("3", "room:1");
        Event<Chat.Bare> number = Event.of("number", Chat.Bare.class);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> server.hub.channels().broadcast(Set.of("room:1"), number, new Chat.Bare(1)))
                .withMessageContaining("is not written as a JSON object");
        server.hub.channels().broadcast("room:1", Chat.SAY, new Chat.Text("next"));
        client.receives("[null,null,'room:1','say',{'text':'next'}]");
    }

    @Test
    void anEndpointThatClosesLeavesNoHistoryInAPubSubThatStaysOpen() {
        server.serve(
                "room:*",
                Channel.join(join -> Join.ok("a"))
                        .history(History.of(1, Duration.ofMinutes(5), Chat.SAY))
                        .build());
        PubSub channels = server.pubsub.scope("heliodor.channels");
        Client client = server.connect();
        client.sends("['3','3','room:42','phx_join',{}]");
        assertThat(client.next()).contains("history");
        client.drops();
        server.hub.channels().broadcast("room:42", Chat.SAY, new Chat.Text("kept"));
        assertThat(channels.count("room:42")).isEqualTo(1);
        server.hub.close();
        assertThat(channels.count("room:42")).isZero();
        assertThat(server.hub.keptTopics().histories().bytes()).isZero();
    }

    @Test
    void endpointsThatShareAPubSubShareItsTopics() {
        serve();
        try (var other = new TestServer(server.pubsub)) {
            other.serve("room:*", Channel.join(join -> Join.ok("a")).build());
            Client here = server.connect();
            Client there = other.connect();
            here.joins("3", "room:42");
            there.joins("3", "room:42");
            server.hub.channels().broadcast("room:42", Chat.SAY, new Chat.Text("hi"));
            here.receives("[null,null,'room:42','say',{'text':'hi'}]");
            there.receives("[null,null,'room:42','say',{'text':'hi'}]");

            Client named = other.connectAs("users:1");
            server.hub.channels().disconnect("users:1");
            named.isClosedWith(1001);
        }
    }
}
