package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.session.telemetry.Counter;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The meaning of a frame in each state of its topic, row by row. */
class DecisionTableTests {
    @AutoClose
    private final TestServer server = new TestServer();

    private final Queue<String> left = new ConcurrentLinkedQueue<>();
    private Client client;

    @BeforeEach
    void connect() {
        server.serve(
                "room:*",
                Channel.join(join -> Join.ok(join.topic()))
                        .answer(Chat.ASK, (text, room) -> Reply.ok(text))
                        .onLeave((why, room) -> left.add(why.getClass().getSimpleName()))
                        .build());
        client = server.connect();
    }

    @Test
    void aHeartbeatIsAnswered() {
        client.sends("[null,'12','phoenix','heartbeat',{}]");
        client.receives("[null,'12','phoenix','phx_reply',{'status':'ok','response':{}}]");
    }

    @Test
    void aHeartbeatIsAnsweredWhateverItsJoinRef() {
        client.sends("['9','12','phoenix','heartbeat',{'a':[1]}]");
        client.receives("[null,'12','phoenix','phx_reply',{'status':'ok','response':{}}]");
    }

    @Test
    void anotherEventOnTheTopicOfHeartbeatsIsUnmatched() {
        client.sends("[null,'12','phoenix','say',{}]");
        client.receives("[null,'12','phoenix','phx_reply',{'status':'error','response':{'reason':'unmatched topic'}}]");
    }

    @Test
    void aHeartbeatOnAnotherTopicIsAnOrdinaryEvent() {
        client.sends("[null,'12','room:42','heartbeat',{}]");
        client.receives("[null,'12','room:42','phx_reply',{'status':'error','response':{'reason':'unmatched topic'}}]");
    }

    @Test
    void aJoinIsAnsweredWithItsRefs() {
        client.sends("['3','4','room:42','phx_join',{}]");
        client.receives("['3','4','room:42','phx_reply',{'status':'ok','response':{}}]");
    }

    @Test
    void aJoinWithoutJoinRefIsIdentifiedByItsRef() {
        client.sends("[null,'4','room:42','phx_join',{}]");
        client.receives("['4','4','room:42','phx_reply',{'status':'ok','response':{}}]");
        client.sends("['4','5','room:42','ask',{'text':'hi'}]");
        client.receives("['4','5','room:42','phx_reply',{'status':'ok','response':{'text':'hi'}}]");
    }

    @Test
    void aJoinWithoutAnyRefIsAnsweredAndMayLeave() {
        client.sends("[null,null,'room:42','phx_join',{}]");
        client.receives("[null,null,'room:42','phx_reply',{'status':'ok','response':{}}]");
        client.sends("[null,'5','room:42','phx_leave',{}]");
        client.receives(
                "[null,'5','room:42','phx_reply',{'status':'ok','response':{}}]",
                "[null,null,'room:42','phx_close',{}]");
    }

    @Test
    void aRefIsEchoedAsItCameAndComparedAsItIs() {
        client.sends("[3,4,'room:42','phx_join',{}]");
        client.receives("[3,4,'room:42','phx_reply',{'status':'ok','response':{}}]");
        client.sends("['3',5,'room:42','ask',{'text':'stale'}]", "[3,6,'room:42','ask',{'text':'hi'}]");
        client.receives("[3,6,'room:42','phx_reply',{'status':'ok','response':{'text':'hi'}}]");
    }

    @Test
    void aJoinOfAJoinedTopicReplacesTheOldChannel() {
        client.joins("3", "room:42");
        client.sends("['7','8','room:42','phx_join',{}]");
        client.receives(
                "['3','3','room:42','phx_close',{}]", "['7','8','room:42','phx_reply',{'status':'ok','response':{}}]");
        server.await(() -> left.size() == 1, left::toString);
        assertThat(left).containsExactly("Replaced");

        client.sends("['3','9','room:42','ask',{'text':'old'}]", "['7','10','room:42','ask',{'text':'new'}]");
        client.receives("['7','10','room:42','phx_reply',{'status':'ok','response':{'text':'new'}}]");
    }

    @Test
    void aLeaveOfATopicThatIsNotJoinedIsAnsweredWithoutAClose() {
        client.sends("['3','10','room:42','phx_leave',{}]", "[null,'11','nowhere','phx_leave',{}]");
        client.receives(
                "['3','10','room:42','phx_reply',{'status':'ok','response':{}}]",
                "[null,'11','nowhere','phx_reply',{'status':'ok','response':{}}]");
    }

    @Test
    void aLeaveIsAnsweredAndClosesTheChannel() {
        client.joins("3", "room:42");
        client.sends("['3','10','room:42','phx_leave',{}]");
        client.receives(
                "['3','10','room:42','phx_reply',{'status':'ok','response':{}}]", "['3','3','room:42','phx_close',{}]");
        assertThat(left).containsExactly("Left");
    }

    @Test
    void aLeaveWithoutJoinRefIsTakenForTheChannelsOwn() {
        client.joins("3", "room:42");
        client.sends("[null,'10','room:42','phx_leave',{}]");
        client.receives(
                "['3','10','room:42','phx_reply',{'status':'ok','response':{}}]", "['3','3','room:42','phx_close',{}]");
    }

    @Test
    void aStaleLeaveIsIgnored() {
        client.joins("3", "room:42");
        client.sends("['2','10','room:42','phx_leave',{}]", "['3','11','room:42','ask',{'text':'here'}]");
        client.receives("['3','11','room:42','phx_reply',{'status':'ok','response':{'text':'here'}}]");
        assertThat(left).isEmpty();
        assertThat(server.count(Counter.FRAMES_STALE)).isEqualTo(1);
    }

    @Test
    void anEventReachesItsChannel() {
        client.joins("3", "room:42");
        client.sends("['3','8','room:42','ask',{'text':'hi'}]");
        client.receives("['3','8','room:42','phx_reply',{'status':'ok','response':{'text':'hi'}}]");
    }

    @Test
    void anEventWithoutJoinRefIsTakenForTheChannelsOwn() {
        client.joins("3", "room:42");
        client.sends("[null,'8','room:42','ask',{'text':'hi'}]");
        client.receives("['3','8','room:42','phx_reply',{'status':'ok','response':{'text':'hi'}}]");
    }

    @Test
    void aStaleEventIsIgnored() {
        client.joins("3", "room:42");
        client.sends("['2','8','room:42','ask',{'text':'old'}]", "['3','9','room:42','ask',{'text':'new'}]");
        client.receives("['3','9','room:42','phx_reply',{'status':'ok','response':{'text':'new'}}]");
        assertThat(server.count(Counter.FRAMES_STALE)).isEqualTo(1);
    }

    @Test
    void anEventOfATopicThatIsNotJoinedIsUnmatchedEachTime() {
        String unmatched =
                "[null,'%s','room:9','phx_reply',{'status':'error','response':{'reason':'unmatched topic'}}]";
        client.sends("['3','9','room:9','say',{}]", "['3','10','room:9','say',{}]");
        client.receives(unmatched.formatted("9"), unmatched.formatted("10"));
    }

    @Test
    void anEventAfterTheLeaveIsUnmatched() {
        client.joins("3", "room:42");
        client.sends("['3','10','room:42','phx_leave',{}]", "['3','11','room:42','ask',{'text':'late'}]");
        client.receives(
                "['3','10','room:42','phx_reply',{'status':'ok','response':{}}]",
                "['3','3','room:42','phx_close',{}]",
                "[null,'11','room:42','phx_reply',{'status':'error','response':{'reason':'unmatched topic'}}]");
    }

    @Test
    void aSecondLeaveIsAnsweredToo() {
        client.joins("3", "room:42");
        client.sends("['3','10','room:42','phx_leave',{}]", "['3','11','room:42','phx_leave',{}]");
        client.receives(
                "['3','10','room:42','phx_reply',{'status':'ok','response':{}}]",
                "['3','3','room:42','phx_close',{}]",
                "['3','11','room:42','phx_reply',{'status':'ok','response':{}}]");
        assertThat(left).containsExactly("Left");
    }

    @Test
    void aTopicMayBeJoinedAgainAfterItsLeave() {
        for (String ref : List.of("3", "5", "7")) {
            client.joins(ref, "room:42");
            client.sends("['%s','10','room:42','phx_leave',{}]".formatted(ref));
            client.receives(
                    "['%s','10','room:42','phx_reply',{'status':'ok','response':{}}]".formatted(ref),
                    "['%s','%s','room:42','phx_close',{}]".formatted(ref, ref));
        }
    }

    @Test
    void aServerEventOfTheProtocolIsAnOrdinaryEventIfAClientSendsIt() {
        client.joins("3", "room:42");
        for (String event : List.of("phx_reply", "phx_close", "phx_error")) {
            client.sends("['3','8','room:42','%s',{}]".formatted(event));
            client.receives(
                    "['3','8','room:42','phx_reply',{'status':'error','response':{'reason':'unhandled_event'}}]");
        }
    }

    @Test
    void aBinaryPushFollowsTheSameRules() {
        client.sendsBinary(new byte[] {0, 1, 1, 1, 1, '3', '8', 't', 'e', 1, 2, 3});
        client.receives("[null,'8','t','phx_reply',{'status':'error','response':{'reason':'unmatched topic'}}]");
    }
}
