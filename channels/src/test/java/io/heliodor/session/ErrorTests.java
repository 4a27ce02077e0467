package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Reason;
import io.heliodor.fixtures.RecordedLog;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Errors, as of a class that is missing, in user code and while its failure is handled: no client waits for nothing. */
class ErrorTests {
    @AutoClose
    private final TestServer server = new TestServer();

    private final Error error = new NoClassDefFoundError("on purpose");
    private Client client;

    /** A value whose encoding fails. */
    public static final class Unwritable {
        @SuppressWarnings("DoNotCallSuggester") // it is called on purpose
        public String getText() {
            throw new NoClassDefFoundError("on purpose");
        }
    }

    private static final Call<Empty, Unwritable, Reason> FETCH = Call.of("fetch", Empty.class, Unwritable.class);

    private static final Call<Empty, Empty, Unwritable> FAIL =
            Call.of("fail", Empty.class, Empty.class).failingWith(Unwritable.class);

    private static final String CRASHED =
            "['3','8','room:1','phx_reply',{'status':'error','response':{'reason':'crashed'}}]";
    private static final String PHX_ERROR = "['3','3','room:1','phx_error',{'reason':'channel_crash'}]";

    private void serve(UnaryOperator<Channel.Builder<Object, String>> handlers) {
        server.serve("room:*", handlers.apply(room()).build());
        client = server.connect();
    }

    private static Channel.Builder<Object, String> room() {
        return Channel.join(join -> Join.ok(join.topic()));
    }

    /** The client joins again after the failure, and the connection is open. */
    private void joinsAgain() {
        client.joins("4", "room:1");
    }

    @Test
    void aHandlerWhoseFailureCannotBeLoggedEndsItsChannel() {
        serve(room -> room.on(Chat.GO, (nothing, in) -> {
            throw error;
        }));
        client.joins("3", "room:1");
        RecordedLog.failsOn("failed in", error);
        client.sends("['3','8','room:1','go',{}]");
        client.receives(PHX_ERROR);
        assertThat(RecordedLog.linesAbout("could not be logged"))
                .singleElement()
                .satisfies(line -> assertThat(line.text()).contains("room:1", NoClassDefFoundError.class.getName()));
        joinsAgain();
    }

    @Test
    void aHandlerWhoseFailureCannotBeLoggedAtAllEndsItsChannel() {
        serve(room -> room.on(Chat.GO, (nothing, in) -> {
            throw new IllegalStateException("on purpose");
        }));
        client.joins("3", "room:1");
        RecordedLog.failsOn("", error);
        client.sends("['3','8','room:1','go',{}]");
        client.receives(PHX_ERROR);
        joinsAgain();
    }

    @Test
    void aJoinWhoseFailureCannotBeLoggedIsRefused() {
        AtomicBoolean fails = new AtomicBoolean(true);
        server.serve(
                "room:*",
                Channel.join(join -> {
                            if (fails.getAndSet(false)) {
                                throw error;
                            }
                            return Join.ok(join.topic());
                        })
                        .build());
        client = server.connect();
        RecordedLog.failsOn("Join of", error);
        client.sends("['3','3','room:1','phx_join',{}]");
        client.receives("['3','3','room:1','phx_reply',{'status':'error','response':{'reason':'join crashed'}}]");
        joinsAgain();
    }

    @Test
    void aLeaveHookAndAnEndTaskWhoseFailuresCannotBeLoggedKeepNoChannelOpen() {
        serve(room -> room.onJoined(in -> in.onEnd(() -> {
                    throw error;
                }))
                .onLeave((why, in) -> {
                    throw error;
                }));
        client.joins("3", "room:1");
        RecordedLog.failsOn("failed.", error);
        client.sends("['3','9','room:1','phx_leave',{}]");
        client.receives(
                "['3','9','room:1','phx_reply',{'status':'ok','response':{}}]", "['3','3','room:1','phx_close',{}]");
        joinsAgain();
    }

    @Test
    void aDeferredReplyThatCannotBeWrittenEndsItsChannel() {
        serve(room -> room.answerLater(
                FETCH,
                (nothing, in, reply) ->
                        reply.sendWhenComplete(CompletableFuture.completedFuture(Reply.ok(new Unwritable())))));
        client.joins("3", "room:1");
        client.sends("['3','8','room:1','fetch',{}]");
        client.receives(CRASHED, PHX_ERROR);
        joinsAgain();
    }

    @Test
    void aDeferredReplyWhoseFutureFailsWithAnErrorEndsItsChannel() {
        serve(room -> room.answerLater(
                FETCH, (nothing, in, reply) -> reply.sendWhenComplete(CompletableFuture.failedFuture(error))));
        client.joins("3", "room:1");
        client.sends("['3','8','room:1','fetch',{}]");
        client.receives(CRASHED, PHX_ERROR);
        joinsAgain();
    }

    @Test
    void aRefusalThatCannotBeWrittenEndsItsChannelWithBothCauses() {
        serve(room -> room.answer(FAIL, (nothing, in) -> {
                    throw new IllegalStateException("refused");
                })
                .onException(IllegalStateException.class, refused -> Reply.error(new Unwritable())));
        client.joins("3", "room:1");
        client.sends("['3','8','room:1','fail',{}]");
        client.receives(CRASHED, PHX_ERROR);
        assertThat(RecordedLog.linesAbout("failed in"))
                .singleElement()
                .satisfies(line -> assertThat(line.thrown())
                        .isInstanceOf(NoClassDefFoundError.class)
                        .satisfies(thrown -> assertThat(thrown.getSuppressed())
                                .singleElement()
                                .isInstanceOf(IllegalStateException.class)));
        joinsAgain();
    }

    @Test
    void aRefusalOfAJoinThatCannotBeWrittenIsACrash() {
        AtomicBoolean fails = new AtomicBoolean(true);
        server.serve(
                "room:*",
                Channel.<Object>join(join -> {
                            if (fails.getAndSet(false)) {
                                throw new IllegalStateException("refused");
                            }
                            return Join.ok(join.topic());
                        })
                        .onException(IllegalStateException.class, refused -> Reply.error(new Unwritable()))
                        .build());
        client = server.connect();
        client.sends("['3','3','room:1','phx_join',{}]");
        client.receives("['3','3','room:1','phx_reply',{'status':'error','response':{'reason':'join crashed'}}]");
        joinsAgain();
    }

    @Test
    void anExceptionWhoseTextFailsIsAnswered() {
        serve(room -> room.on(Chat.GO, (nothing, in) -> {
                    throw new Untold();
                })
                .onException(Untold.class, refused -> Reply.error("busy"))
                .answer(Chat.PING, (nothing, in) -> Reply.ok()));
        client.joins("3", "room:1");
        client.sends("['3','8','room:1','go',{}]", "['3','9','room:1','ping',{}]");
        client.receives(
                "['3','8','room:1','phx_reply',{'status':'error','response':{'reason':'busy'}}]",
                "['3','9','room:1','phx_reply',{'status':'ok','response':{}}]");
    }

    /** An exception whose text cannot be computed. */
    static final class Untold extends Exception {
        private static final long serialVersionUID = 1;

        @Override
        public String getMessage() {
            throw new NoClassDefFoundError("on purpose");
        }
    }
}
