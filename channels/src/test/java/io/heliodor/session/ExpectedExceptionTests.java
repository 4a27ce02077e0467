package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Context;
import io.heliodor.channel.Join;
import io.heliodor.channel.LeaveReason;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.Out;
import io.heliodor.channel.Reply;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Call;
import io.heliodor.event.InvalidPayload;
import io.heliodor.fixtures.RecordedLog;
import io.heliodor.observe.HandlerObserver;
import io.heliodor.pubsub.Topic;
import io.heliodor.session.telemetry.Counter;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Exceptions of handlers that are refusals: the channel stays open. */
class ExpectedExceptionTests {
    private static final Topic<String> FEED = Topic.of("feed", String.class);

    @AutoClose
    private final TestServer server = new TestServer();

    private final Queue<LeaveReason> left = new ConcurrentLinkedQueue<>();
    private final AtomicReference<Context<?, String>> context = new AtomicReference<>();
    private final AtomicReference<Exception> next = new AtomicReference<>();
    private Client client;

    private Channel.Builder<Object, String> room() {
        return Channel.join(join -> {
                    fail();
                    return Join.ok(join.topic());
                })
                .onJoined(room -> {
                    context.set(room);
                    room.subscribe(FEED);
                })
                .on(Chat.SAY, (text, room) -> {
                    fail();
                    return NoReply.none();
                })
                .answer(Chat.ASK, (input, room) -> {
                    fail();
                    return Reply.ok(input);
                })
                .answerLater(Chat.ADD, (input, room, answer) -> {
                    fail();
                    answer.send(Reply.ok(input));
                })
                .answer(Chat.PING, (nothing, room) -> Reply.ok())
                .on(Chat.GO, (nothing, room) -> room.broadcast(Chat.SHOUT, new Chat.Text("a")))
                .intercept(Chat.SHOUT, (text, room) -> {
                    fail();
                    return Out.pass();
                })
                .onInfo(Chat.WORD, (word, room) -> {
                    fail();
                    return NoReply.none();
                })
                .onPublished(FEED, (word, room) -> {
                    fail();
                    return NoReply.none();
                })
                .onLeave((why, room) -> left.add(why));
    }

    private void fail() throws Exception {
        Exception thrown = next.get();
        if (thrown != null) {
            throw thrown;
        }
    }

    private void serve(
            UnaryOperator<Channel.Builder<Object, String>> channel, UnaryOperator<UserSocket.Builder<Object>> socket) {
        client = server.connectTo(socket.apply(UserSocket.open())
                .channel("room:*", channel.apply(room()).build())
                .build());
    }

    private void serve(UnaryOperator<Channel.Builder<Object, String>> channel) {
        serve(channel, socket -> socket);
        client.joins("3", "room:42");
        staysOpen();
    }

    private void staysOpen() {
        client.sends("['3','alive','room:42','ping',{}]");
        client.receives("['3','alive','room:42','phx_reply',{'status':'ok','response':{}}]");
        assertThat(left).isEmpty();
    }

    private void callCrashes() {
        client.receives("['3','8','room:42','phx_reply',{'status':'error','response':{'reason':'crashed'}}]");
        crashes();
    }

    private void crashes() {
        client.receives("['3','3','room:42','phx_error',{'reason':'channel_crash'}]");
        assertThat(left).singleElement().isEqualTo(new LeaveReason.Failed(next.get()));
    }

    private void isRefused(String event, String payload, String reason) {
        client.sends("['3','8','room:42','%s',%s]".formatted(event, payload));
        client.receives(
                "['3','8','room:42','phx_reply',{'status':'error','response':{'reason':'%s'}}]".formatted(reason));
    }

    @Test
    void anExpectedExceptionIsTheErrorReplyToACallAndTheChannelStaysOpen() {
        serve(room -> room.onException(IOException.class, e -> Reply.error("unavailable")));
        next.set(new IOException("the database"));
        isRefused("ask", "{'text':'a'}", "unavailable");
        isRefused("add", "{'number':1}", "unavailable");
        staysOpen();
        assertThat(server.count(Counter.EXCEPTIONS_EXPECTED)).isEqualTo(2);
        assertThat(server.count(Counter.CHANNELS_FAILED)).isZero();
        assertThat(RecordedLog.linesAbout("room:42")).isEmpty();
    }

    /** A payload whose constructor throws an error, as a mapper with libraries that do not fit does. */
    record Fragile(String text) {
        Fragile {
            if (text.equals("linkage")) {
                throw new NoClassDefFoundError("Missing");
            }
            if (text.equals("machine")) {
                throw new InternalError("the machine");
            }
        }
    }

    @Test
    void anErrorWhileAPayloadIsReadRefusesThatPayloadAndTheChannelStaysOpen() {
        serve(room -> room.answer(Call.of("read", Fragile.class, Fragile.class), (fragile, here) -> Reply.ok(fragile)));
        client.sends("['3','8','room:42','read',{'text':'linkage'}]");
        client.receives("['3','8','room:42','phx_reply',{'status':'error','response':"
                + "{'reason':'invalid_payload','field':'','message':'cannot be read'}}]");
        staysOpen();
        assertThat(server.count(Counter.PAYLOADS_INVALID)).isEqualTo(1);
        assertThat(server.count(Counter.CHANNELS_FAILED)).isZero();
        assertThat(RecordedLog.linesAbout("room:42"))
                .singleElement()
                .satisfies(line -> assertThat(line.text()).contains("cannot read a payload of 'read'"));
    }

    @Test
    void anErrorOfTheMachineWhileAPayloadIsReadEndsTheChannel() {
        serve(room -> room.answer(Call.of("read", Fragile.class, Fragile.class), (fragile, here) -> Reply.ok(fragile)));
        client.sends("['3','8','room:42','read',{'text':'machine'}]");
        client.receives("['3','8','room:42','phx_reply',{'status':'error','response':{'reason':'crashed'}}]");
        client.receives("['3','3','room:42','phx_error',{'reason':'channel_crash'}]");
    }

    @Test
    void anExpectedExceptionOfAnOnJoinedHookEndsTheChannelWithoutAFailure() {
        IOException thrown = new IOException("the database");
        failsInOnJoined(thrown, Reply.error("unavailable"));
        client.receives("['3','3','room:42','phx_error',{'reason':'unavailable'}]");
        assertThat(left).singleElement().isEqualTo(new LeaveReason.Failed(thrown));
        assertThat(server.count(Counter.EXCEPTIONS_EXPECTED)).isEqualTo(1);
        assertThat(server.count(Counter.CHANNELS_FAILED)).isZero();
        assertThat(RecordedLog.linesAbout("room:42"))
                .singleElement()
                .satisfies(line -> assertThat(line.text()).contains("an onJoined hook threw"));
    }

    private void failsInOnJoined(Exception thrown, Reply.Error<?, ?> refusal) {
        client = server.connectTo(UserSocket.open()
                .channel(
                        "room:*",
                        Channel.join(join -> Join.ok(join.topic()))
                                .onJoined(joined -> {
                                    throw thrown;
                                })
                                .onException(IOException.class, e -> refusal)
                                .onLeave((why, joined) -> left.add(why))
                                .build())
                .build());
        client.joins("3", "room:42");
    }

    @Test
    void anInvalidPayloadOfAnOnJoinedHookNamesTheField() {
        failsInOnJoined(new InvalidPayload("since", "is too old"), Reply.error("unavailable"));
        client.receives("['3','3','room:42','phx_error',"
                + "{'reason':'invalid_payload','field':'since','message':'is too old'}]");
        assertThat(server.count(Counter.PAYLOADS_INVALID)).isEqualTo(1);
    }

    @Test
    void aRefusalOfAnOnJoinedHookThatIsNotAnObjectLeavesTheExceptionUnexpected() {
        for (Object refusal : new Object[] {List.of(1), ByteBuffer.allocate(1)}) {
            IOException thrown = new IOException("the database");
            failsInOnJoined(thrown, Reply.error(refusal));
            client.receives("['3','3','room:42','phx_error',{'reason':'channel_crash'}]");
            assertThat(thrown.getSuppressed()).hasSize(1);
        }
        assertThat(server.count(Counter.CHANNELS_FAILED)).isEqualTo(2);
    }

    @Test
    void aHandlerWithAnExpectedExceptionCountsAsRefusedForItsObservers() {
        Queue<String> observed = new ConcurrentLinkedQueue<>();
        serve(room -> room.onException(IOException.class, e -> Reply.error("unavailable")));
        server.hub.observers().add((HandlerObserver)
                (handler, result, time) -> observed.add(handler.name() + " " + result));
        next.set(new IOException("the database"));
        isRefused("ask", "{'text':'a'}", "unavailable");
        staysOpen();
        server.await(() -> observed.size() == 2, observed::toString);
        assertThat(observed).containsExactly("ask REFUSED", "ping OK");
    }

    @Test
    void anExpectedExceptionOfAnEventIsAnsweredAndLogged() {
        serve(room -> room.onException(IOException.class, e -> Reply.error(new Chat.Amount(7))));
        next.set(new IOException("the database"));
        client.sends("['3','8','room:42','say',{'text':'a'}]");
        client.receives("['3','8','room:42','phx_reply',{'status':'error','response':{'number':7}}]");
        staysOpen();
        assertThat(RecordedLog.linesAbout("room:42"))
                .singleElement()
                .satisfies(line -> assertThat(line.text())
                        .endsWith("Channel room:42: the handler of 'say' threw java.io.IOException: the database,"
                                + " an expected exception."));
    }

    @Test
    void anExpectedExceptionOfAMessageIsLogged() {
        serve(room -> room.onException(IOException.class, e -> Reply.error("unavailable")));
        next.set(new IOException("the database"));
        context.get().send(Chat.WORD, "a");
        server.pubsub.broadcast(FEED, "b");
        staysOpen();
        assertThat(server.count(Counter.EXCEPTIONS_EXPECTED)).isEqualTo(2);
        assertThat(RecordedLog.linesAbout("the handler of info message 'word' threw"))
                .hasSize(1);
        assertThat(RecordedLog.linesAbout("the handler of topic 'feed' threw")).hasSize(1);
    }

    @Test
    void anExpectedExceptionOfAJoinHandlerIsTheReasonOfTheRefusal() {
        serve(room -> room.onException(IOException.class, e -> Reply.error("unavailable")), socket -> socket);
        next.set(new IOException("the database"));
        client.sends("['3','3','room:42','phx_join',{}]");
        client.receives("['3','3','room:42','phx_reply',{'status':'error','response':{'reason':'unavailable'}}]");
        assertThat(RecordedLog.linesAbout("room:42")).isEmpty();
        assertThat(server.count(Counter.JOINS_REFUSED)).isEqualTo(1);
        next.set(null);
        client.joins("4", "room:42");
        assertThat(left).isEmpty();
    }

    @Test
    void theMostSpecificTypeWins() {
        serve(room -> room.onException(Exception.class, e -> Reply.error("any"))
                .onException(IOException.class, e -> Reply.error("io")));
        next.set(new FileNotFoundException("a"));
        isRefused("ask", "{'text':'a'}", "io");
        next.set(new UncheckedIOException(new IOException("b")));
        isRefused("ask", "{'text':'a'}", "any");
        staysOpen();
    }

    @Test
    void exceptionsOfTheChannelPrecedeThoseOfTheSocket() {
        serve(
                room -> room.onException(Exception.class, e -> Reply.error("of the channel")),
                socket -> socket.onException(IOException.class, e -> Reply.error("of the socket")));
        client.joins("3", "room:42");
        next.set(new IOException("a"));
        isRefused("ask", "{'text':'a'}", "of the channel");
        staysOpen();
    }

    @Test
    void exceptionsOfTheSocketApplyToAllItsChannels() {
        serve(
                room -> room.onException(InterruptedException.class, e -> Reply.error("of the channel")),
                socket -> socket.onException(IOException.class, e -> Reply.error("of the socket")));
        client.joins("3", "room:42");
        next.set(new FileNotFoundException("a"));
        isRefused("ask", "{'text':'a'}", "of the socket");
        staysOpen();
    }

    @Test
    void anExceptionThatIsNotDeclaredEndsTheChannel() {
        serve(room -> room.onException(IOException.class, e -> Reply.error("io")));
        next.set(new IllegalStateException("a", new IOException("a cause does not count")));
        client.sends("['3','8','room:42','ask',{'text':'a'}]");
        callCrashes();
    }

    @Test
    void anExceptionHandlerThatThrowsLeavesTheExceptionUnexpected() {
        serve(room -> room.onException(IOException.class, e -> {
            throw new IllegalStateException("and this, too");
        }));
        next.set(new IOException("a"));
        client.sends("['3','8','room:42','ask',{'text':'a'}]");
        callCrashes();
        assertThat(next.get().getSuppressed())
                .singleElement()
                .satisfies(e -> assertThat(e).hasMessage("and this, too"));
    }

    @Test
    void anExceptionHandlerThatReturnsNullLeavesTheExceptionUnexpected() {
        serve(room -> room.onException(IOException.class, e -> null));
        next.set(new IOException("a"));
        client.sends("['3','8','room:42','ask',{'text':'a'}]");
        callCrashes();
        assertThat(next.get().getSuppressed())
                .singleElement()
                .satisfies(e -> assertThat(e)
                        .hasMessage(
                                "The onException handler of java.io.IOException returned null; return Reply.error."));
    }

    @Test
    void anExpectedExceptionOfAnInterceptEndsTheChannelSoThatNothingIsMissing() {
        serve(room -> room.onException(IOException.class, e -> Reply.error("unavailable")));
        next.set(new IOException("the database"));
        client.sends("['3','8','room:42','go',{}]");
        crashes();
    }

    @Test
    void aHookAroundSeesAnExpectedException() {
        Queue<Throwable> seen = new ConcurrentLinkedQueue<>();
        serve(
                room -> room.onException(SecurityException.class, e -> Reply.error("forbidden")),
                socket -> socket.around(invocation -> {
                    try {
                        invocation.proceed();
                    } catch (IOException e) {
                        seen.add(e);
                        throw new SecurityException(e);
                    }
                }));
        client.joins("3", "room:42");
        next.set(new IOException("a"));
        isRefused("ask", "{'text':'a'}", "forbidden");
        assertThat(seen).containsExactly(next.get());
        staysOpen();
    }

    @Test
    void anInvalidPayloadThatAHandlerThrowsIsARefusalThatNamesTheField() {
        // Also if a supertype is declared: the most specific type wins.
        serve(room -> room.onException(IllegalArgumentException.class, e -> Reply.error("wrong")));
        next.set(new InvalidPayload("text", "is taken"));
        for (String text : new String[] {"'say',{'text':'a'}", "'ask',{'text':'a'}", "'add',{'number':1}"}) {
            client.sends("['3','8','room:42',%s]".formatted(text));
            client.receives("['3','8','room:42','phx_reply',{'status':'error','response':"
                    + "{'reason':'invalid_payload','field':'text','message':'is taken'}}]");
        }
        staysOpen();
        assertThat(server.count(Counter.PAYLOADS_INVALID)).isEqualTo(3);
        assertThat(RecordedLog.linesAbout("room:42")).isEmpty();
    }

    @Test
    void anInvalidPayloadThatAJoinHandlerThrowsRefusesTheClient() {
        serve(room -> room, socket -> socket);
        next.set(new InvalidPayload("password", "is wrong"));
        client.sends("['3','3','room:42','phx_join',{}]");
        client.receives("['3','3','room:42','phx_reply',{'status':'error','response':"
                + "{'reason':'invalid_payload','field':'password','message':'is wrong'}}]");
        assertThat(server.count(Counter.PAYLOADS_INVALID)).isEqualTo(1);
    }

    @Test
    void anInvalidPayloadThatTheHandlerOfAMessageThrowsIsLoggedAndCounted() {
        serve(room -> room);
        next.set(new InvalidPayload("text", "is taken"));
        context.get().send(Chat.WORD, "a");
        server.pubsub.broadcast(FEED, "b");
        staysOpen();
        assertThat(server.count(Counter.PAYLOADS_INVALID)).isEqualTo(2);
        assertThat(RecordedLog.linesAbout("room:42")).hasSize(2);
    }

    @Test
    void aFutureThatFailsWithAnExpectedExceptionIsARefusal() {
        server.serve(
                "later:*",
                Channel.join(join -> Join.ok(join.topic()))
                        .answerLater(
                                Chat.ASK,
                                (input, room, reply) -> reply.sendWhenComplete(
                                        CompletableFuture.failedFuture(new SQLException("away"))))
                        .onException(SQLException.class, e -> Reply.error("unavailable"))
                        .build());
        Client client = server.connect();
        client.joins("3", "later:42");
        client.sends("['3','8','later:42','ask',{'text':'hi'}]");
        client.receives("['3','8','later:42','phx_reply',{'status':'error','response':{'reason':'unavailable'}}]");
    }
}
