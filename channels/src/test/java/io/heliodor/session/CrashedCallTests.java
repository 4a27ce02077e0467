package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.DeferredReply;
import io.heliodor.channel.Join;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.Reply;
import io.heliodor.event.Reason;
import io.heliodor.session.Chat.Text;
import io.heliodor.session.telemetry.Counter;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** A call whose handler fails has a reply, before the end of its channel: its client does not wait for a timeout. */
class CrashedCallTests {
    private static final String CRASHED =
            "['3','8','room:1','phx_reply',{'status':'error','response':{'reason':'crashed'}}]";
    private static final String PHX_ERROR = "['3','3','room:1','phx_error',{'reason':'channel_crash'}]";

    @AutoClose
    private final TestServer server = new TestServer();

    private final Gate gate = new Gate();

    private final Queue<DeferredReply<Text, Reason>> due = new ConcurrentLinkedQueue<>();

    private static String crashed(String ref) {
        return CRASHED.replace("'8'", "'" + ref + "'");
    }

    /** The replies hold memory of their client until they are sent. */
    @AfterEach
    void sendsLate() {
        for (DeferredReply<Text, Reason> reply = due.poll(); reply != null; reply = due.poll()) {
            reply.send(Reply.ok(new Text("late")));
        }
    }

    private static IllegalStateException failure() {
        return new IllegalStateException("on purpose");
    }

    private Client joined(UnaryOperator<Channel.Builder<Object, String>> handlers) {
        server.serve(
                "room:*",
                handlers.apply(Channel.join(join -> Join.ok(join.topic()))).build());
        Client client = server.connect();
        client.joins("3", "room:1");
        return client;
    }

    @Test
    void aHandlerThatThrows() {
        Client client = joined(room -> room.answer(Chat.ASK, (_, _) -> {
            throw failure();
        }));
        client.sends("['3','8','room:1','ask',{'text':'a'}]");
        client.receives(CRASHED, PHX_ERROR);
        client.joins("9", "room:1");
    }

    @Test
    void aReplyThatCannotBeWritten() {
        Client client = joined(room -> room.answer(Chat.ASK, (_, _) -> null));
        client.sends("['3','8','room:1','ask',{'text':'a'}]");
        client.receives(CRASHED, PHX_ERROR);
    }

    @Test
    void aHandlerThatIsOverItsTimeout() {
        Client client =
                joined(room -> room.handlerTimeout(Duration.ofSeconds(3)).answer(Chat.ASK, (text, _) -> {
                    gate.pass();
                    return Reply.ok(text);
                }));
        client.sends("['3','8','room:1','ask',{'text':'a'}]");
        server.awaitReached(gate);
        server.sweep();
        server.passes(Duration.ofSeconds(3));
        client.receives(CRASHED, PHX_ERROR);
    }

    @Test
    void aDeferredReplyThatFails() {
        CompletableFuture<Reply<Text, Reason>> reply = new CompletableFuture<>();
        Client client = joined(room -> room.answerLater(Chat.ASK, (_, _, later) -> later.sendWhenComplete(reply)));
        client.sends("['3','8','room:1','ask',{'text':'a'}]");
        server.settle();
        reply.completeExceptionally(failure());
        client.receives(CRASHED, PHX_ERROR);
    }

    @Test
    void aHandlerThatThrowsAfterItsDeferredReplyWasSentHasThatReply() {
        Client client = joined(room -> room.answerLater(Chat.ASK, (text, _, later) -> {
            later.send(Reply.ok(text));
            throw failure();
        }));
        client.sends("['3','8','room:1','ask',{'text':'a'}]");
        client.receives("['3','8','room:1','phx_reply',{'status':'ok','response':{'text':'a'}}]", PHX_ERROR);
    }

    /** Calls are kept in {@code due}; an event fails. */
    private Client withDue(UnaryOperator<Channel.Builder<Object, String>> more) {
        return joined(room -> more.apply(
                room.answerLater(Chat.ASK, (_, _, later) -> due.add(later)).on(Chat.SAY, (_, _) -> {
                    throw failure();
                })));
    }

    @Test
    void deferredRepliesThatAreDueWhenAnotherHandlerThrows() {
        Client client = withDue(room -> room);
        client.sends("['3','8','room:1','ask',{'text':'a'}]", "['3','7','room:1','ask',{'text':'b'}]");
        client.sends("['3',null,'room:1','ask',{'text':'c'}]");
        client.sends("['3','9','room:1','say',{'text':'d'}]");
        client.receives(CRASHED, crashed("7"), PHX_ERROR);
        client.joins("10", "room:1");
        sendsLate();
        assertThat(server.count(Counter.WRITES_AFTER_END)).isEqualTo(2);
    }

    /** The application may still hold the payload of the call. */
    @Test
    void anAnsweredReplyHoldsMemoryUntilItIsSent() {
        Client client = withDue(room -> room);
        client.sends("['3','8','room:1','ask',{'text':'a'}]", "['3','9','room:1','say',{'text':'b'}]");
        client.receives(CRASHED, PHX_ERROR);
        assertThat(client.session().memory().held()).isGreaterThan(512);
        sendsLate();
        assertThat(client.session().memory().held()).isZero();
    }

    @Test
    void aDeferredReplyOfALeaveHookIsTheAnswer() {
        Client client = withDue(room -> room.onLeave((_, _) -> due.remove().send(Reply.ok(new Text("end")))));
        client.sends("['3','7','room:1','ask',{'text':'a'}]", "['3','8','room:1','ask',{'text':'b'}]");
        client.sends("['3','9','room:1','say',{'text':'c'}]");
        client.receives("['3','7','room:1','phx_reply',{'status':'ok','response':{'text':'end'}}]", CRASHED, PHX_ERROR);
    }

    @Test
    void aDeferredReplyThatIsDueWhenAnotherHandlerIsOverItsTimeout() {
        Client client =
                withDue(room -> room.handlerTimeout(Duration.ofSeconds(3)).on(Chat.GO, (_, _) -> {
                    gate.pass();
                    return NoReply.none();
                }));
        client.sends("['3','8','room:1','ask',{'text':'a'}]", "['3','9','room:1','go',{}]");
        server.awaitReached(gate);
        server.sweep();
        server.passes(Duration.ofSeconds(3));
        client.receives(CRASHED, PHX_ERROR);
    }

    @Test
    void aHandlerThatIsOverItsTimeoutAfterItsDeferredReplyWasSentHasThatReply() {
        Client client =
                joined(room -> room.handlerTimeout(Duration.ofSeconds(3)).answerLater(Chat.ASK, (text, _, later) -> {
                    if (text.text().equals("sent")) {
                        later.send(Reply.ok(text));
                    }
                    gate.pass();
                }));
        client.sends("['3','7','room:1','ask',{'text':'sent'}]");
        client.receives("['3','7','room:1','phx_reply',{'status':'ok','response':{'text':'sent'}}]");
        server.awaitReached(gate);
        server.sweep();
        server.passes(Duration.ofSeconds(3));
        client.receives(PHX_ERROR);
    }

    @Test
    void aHandlerWithADeferredReplyThatIsOverItsTimeout() {
        Client client =
                joined(room -> room.handlerTimeout(Duration.ofSeconds(3)).answerLater(Chat.ASK, (_, _, later) -> {
                    due.add(later);
                    gate.pass();
                }));
        client.sends("['3','8','room:1','ask',{'text':'a'}]");
        server.awaitReached(gate);
        server.sweep();
        server.passes(Duration.ofSeconds(3));
        client.receives(CRASHED, PHX_ERROR);
    }

    @Test
    void aDeferredReplyThatFailsWhileAnotherHandlerFails() {
        CompletableFuture<Reply<Text, Reason>> reply = new CompletableFuture<>();
        Client client = joined(room -> room.answerLater(Chat.ASK, (_, _, later) -> later.sendWhenComplete(reply))
                .on(Chat.GO, (_, _) -> {
                    gate.pass();
                    throw failure();
                }));
        client.sends("['3','8','room:1','ask',{'text':'a'}]", "['3','9','room:1','go',{}]");
        server.awaitReached(gate);
        reply.completeExceptionally(failure());
        client.sends("[null,'11','phoenix','heartbeat',{}]");
        client.receives(
                "[null,'11','phoenix','phx_reply',{'status':'ok','response':{}}]"); // the failure is in the mailbox
        gate.open();
        client.receives(CRASHED, PHX_ERROR);
    }

    @Test
    void anExpectedExceptionAfterTheDeferredReplyWasSentIsNoSecondReply() {
        Client client = joined(room -> room.onException(IllegalStateException.class, _ -> Reply.error("refused"))
                .answerLater(Chat.ASK, (text, _, later) -> {
                    later.send(Reply.ok(text));
                    throw failure();
                })
                .answer(Chat.ADD, (amount, _) -> Reply.ok(amount)));
        client.sends("['3','8','room:1','ask',{'text':'a'}]", "['3','9','room:1','add',{'number':1}]");
        client.receives(
                "['3','8','room:1','phx_reply',{'status':'ok','response':{'text':'a'}}]",
                "['3','9','room:1','phx_reply',{'status':'ok','response':{'number':1}}]");
    }

    @Test
    void anEventHasNoReply() {
        AtomicReference<Text> said = new AtomicReference<>();
        Client client = joined(room -> room.on(Chat.SAY, (text, _) -> {
                    said.set(text);
                    throw failure();
                })
                .on(Chat.GO, (_, _) -> NoReply.none()));
        client.sends("['3','8','room:1','say',{'text':'a'}]");
        client.receives(PHX_ERROR);
        assertThat(said).hasValue(new Text("a"));
    }
}
