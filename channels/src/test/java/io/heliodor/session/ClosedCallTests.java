package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Context;
import io.heliodor.channel.DeferredReply;
import io.heliodor.channel.Join;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.Reply;
import io.heliodor.channel.Stop;
import io.heliodor.event.Reason;
import io.heliodor.session.Chat.Text;
import io.heliodor.session.telemetry.Counter;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** A call that waits for its reply has one before its channel closes: its client does not wait for a timeout. */
class ClosedCallTests {
    private static final String CLOSED =
            "['3','8','room:1','phx_reply',{'status':'error','response':{'reason':'channel_closed'}}]";
    private static final String PHX_CLOSE = "['3','3','room:1','phx_close',{}]";

    @AutoClose
    private final TestServer server = new TestServer();

    private final Gate gate = new Gate();
    private final Queue<DeferredReply<Text, Reason>> due = new ConcurrentLinkedQueue<>();
    private final AtomicReference<Context<?, String>> context = new AtomicReference<>();

    private static String closed(String ref) {
        return CLOSED.replace("'8'", "'" + ref + "'");
    }

    @AfterEach
    void sendsLate() {
        gate.open();
        for (DeferredReply<Text, Reason> reply = due.poll(); reply != null; reply = due.poll()) {
            reply.send(Reply.ok(new Text("late")));
        }
    }

    private Client joined(UnaryOperator<Channel.Builder<Object, String>> handlers) {
        server.serve(
                "room:*",
                handlers.apply(Channel.join(join -> Join.ok(join.topic()))
                                .onJoined(context::set)
                                .answerLater(Chat.ASK, (_, _, later) -> due.add(later))
                                .on(Chat.SAY, (_, _) -> Stop.because("over"))
                                .on(Chat.GO, (_, _) -> {
                                    gate.pass();
                                    return NoReply.none();
                                }))
                        .build());
        Client client = server.connectAs("ann");
        client.joins("3", "room:1");
        return client;
    }

    private Client joined() {
        return joined(room -> room);
    }

    @Test
    void aDeferredReplyThatIsDueWhenAHandlerStopsTheChannel() {
        Client client = joined();
        client.sends("['3','8','room:1','ask',{'text':'a'}]", "['3','7','room:1','ask',{'text':'b'}]");
        client.sends("['3',null,'room:1','ask',{'text':'c'}]", "['3','9','room:1','say',{'text':'d'}]");
        client.receives(CLOSED, closed("7"), PHX_CLOSE);
        sendsLate();
        assertThat(server.count(Counter.WRITES_AFTER_END)).isEqualTo(2);
        assertThat(client.session().memory().held()).isZero();
    }

    @Test
    void aCallWhoseHandlerStopsTheChannelWithoutAReply() {
        Client client = joined(room -> room.answer(Chat.DEFER, (_, _) -> Stop.because("over")));
        client.sends("['3','8','room:1','defer',{'text':'a'}]");
        client.receives(CLOSED, PHX_CLOSE);
    }

    @Test
    void aDeferredReplyOfALeaveHookIsTheAnswer() {
        Client client = joined(room -> room.onLeave((_, _) -> due.remove().send(Reply.ok(new Text("end")))));
        client.sends("['3','8','room:1','ask',{'text':'a'}]", "['3','9','room:1','say',{'text':'b'}]");
        client.receives("['3','8','room:1','phx_reply',{'status':'ok','response':{'text':'end'}}]", PHX_CLOSE);
    }

    @Test
    void aDeferredReplyThatIsDueWhenTheClientLeaves() {
        Client client = joined();
        client.sends("['3','8','room:1','ask',{'text':'a'}]", "['3','9','room:1','phx_leave',{}]");
        client.receives(CLOSED, "['3','9','room:1','phx_reply',{'status':'ok','response':{}}]", PHX_CLOSE);
    }

    @Test
    void callsThatWaitWhenTheApplicationStopsTheChannel() {
        Client client = waiting();
        context.get().stop("over");
        client.receives(CLOSED, closed("9"), PHX_CLOSE, unmatched("10"));
    }

    @Test
    void callsThatWaitWhenTheServerRemovesTheClient() {
        Client client = waiting();
        server.hub.channels().remove("ann", "room:1");
        client.receives(CLOSED, closed("9"), PHX_CLOSE, unmatched("10"));
    }

    /** One with a deferred reply, one whose handler runs, and one behind it. */
    private Client waiting() {
        Client client = joined(room -> room.answer(Chat.DEFER, (_, _) -> {
            gate.pass();
            return Reply.ok(new Text("late"));
        }));
        client.sends("['3','8','room:1','ask',{'text':'a'}]", "['3','9','room:1','defer',{'text':'b'}]");
        client.sends("['3','10','room:1','ask',{'text':'c'}]");
        server.awaitReached(gate);
        return client;
    }

    private static String unmatched(String ref) {
        return closed(ref).replace("'3',", "null,").replace("channel_closed", "unmatched topic");
    }

    @Test
    void aDeferredReplyThatIsDueWhenTheClientJoinsAgain() {
        Client client = joined();
        client.sends("['3','8','room:1','ask',{'text':'a'}]");
        server.await(() -> !due.isEmpty(), due::toString);
        client.sends("['4','4','room:1','phx_join',{}]");
        client.receives(CLOSED, PHX_CLOSE, "['4','4','room:1','phx_reply',{'status':'ok','response':{}}]");
    }

    @Test
    void aDeferredReplyThatIsDueWhenTheClientJoinsAgainWhileAMessageWaits() {
        Client client = joined();
        client.sends("['3','8','room:1','ask',{'text':'a'}]", "['3','9','room:1','go',{}]");
        server.awaitReached(gate);
        client.sends("['4','4','room:1','phx_join',{}]");
        gate.open();
        client.receives(CLOSED, PHX_CLOSE, "['4','4','room:1','phx_reply',{'status':'ok','response':{}}]");
    }

    /** Its connection has ended, which ends its calls. */
    @Test
    void aDeferredReplyThatIsDueWhenTheConnectionEndsIsNotWritten() {
        Client client = joined();
        client.sends("['3','8','room:1','ask',{'text':'a'}]");
        server.await(() -> !due.isEmpty(), due::toString);
        client.drops();
        server.await(() -> server.count(Counter.CHANNELS) == 0, () -> "the channel is open");
        assertThat(client.received()).noneMatch(frame -> frame.contains("channel_closed"));
    }
}
