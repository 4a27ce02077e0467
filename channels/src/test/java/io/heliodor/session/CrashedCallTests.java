package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.Reply;
import io.heliodor.event.Reason;
import io.heliodor.session.Chat.Text;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
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
