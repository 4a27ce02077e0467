package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Context;
import io.heliodor.channel.DeferredReply;
import io.heliodor.channel.Join;
import io.heliodor.channel.LeaveReason;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.Reply;
import io.heliodor.channel.Stop;
import io.heliodor.event.Call;
import io.heliodor.event.Event;
import io.heliodor.event.Raw;
import io.heliodor.event.Reason;
import io.heliodor.fixtures.RecordedLog;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.type.Type;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Outcomes of the handlers of a channel, and their effects on the client. */
class HandlerTests {
    @AutoClose
    private final TestServer server = new TestServer();

    private final Queue<LeaveReason> left = new ConcurrentLinkedQueue<>();
    private final AtomicReference<Context<?, String>> context = new AtomicReference<>();
    private Client client;

    /** Serves a channel and joins it as 3 on room:42. */
    private void serve(UnaryOperator<Channel.Builder<Object, String>> handlers) {
        Channel.Builder<Object, String> room = Channel.join(join -> Join.ok(join.topic()));
        room.onJoined(context::set).onLeave((why, in) -> left.add(why));
        server.serve("room:*", handlers.apply(room).build());
        client = server.connect();
        client.joins("3", "room:42");
        server.await(() -> context.get() != null, () -> "a joined channel");
    }

    @Test
    void aHandlerPushesToItsClientAlone() {
        serve(room -> room.on(Chat.SAY, (text, in) -> in.push(Chat.SHOUT, text)));
        Client other = server.connect();
        other.joins("1", "room:42");
        client.sends("['3','8','room:42','say',{'text':'hi'}]");
        client.receives("['3',null,'room:42','shout',{'text':'hi'}]");
        assertThat(other.received()).isEmpty();
    }

    /** Returns the threads that handle a message that is sent three times. */
    private Set<Thread> threadsOf(String text) {
        Queue<Thread> threads = new ConcurrentLinkedQueue<>();
        serve(room -> room.on(Chat.SAY, (word, in) -> {
            threads.add(Thread.currentThread());
            return NoReply.none();
        }));
        String message = "['3',null,'room:42','say',{'text':'" + text + "'}]";
        client.sends(message, message, message);
        server.await(() -> threads.size() == 3, threads::toString);
        return Set.copyOf(threads);
    }

    @Test
    void afterALargeMessageOtherChannelsComeFirst() {
        // A new thread is queued after all those that wait for a processor.
        assertThat(threadsOf("x".repeat(40_000))).hasSize(3);
    }

    @Test
    void smallMessagesOfAChannelShareAThread() {
        assertThat(threadsOf("x")).hasSize(1);
    }

    @Test
    void anEventWithoutAPayloadIsPushedAsAnEmptyObject() {
        serve(room -> room.on(Chat.GO, (nothing, in) -> in.push(Chat.GO)));
        client.sends("['3','8','room:42','go',{'ignored':true}]", "['3','9','room:42','go',7]");
        client.receives("['3',null,'room:42','go',{}]", "['3',null,'room:42','go',{}]");
    }

    @Test
    void aCallIsAnsweredWithAPayload() {
        serve(room -> room.answer(Chat.ASK, (input, in) -> Reply.ok(new Chat.Text(input.text() + "!"))));
        client.sends("['3','8','room:42','ask',{'text':'hi'}]");
        client.receives("['3','8','room:42','phx_reply',{'status':'ok','response':{'text':'hi!'}}]");
    }

    @Test
    void aCallIsAnsweredWithItsStatusAlone() {
        serve(room -> room.answer(Chat.PING, (nothing, in) -> Reply.ok()));
        client.sends("['3','8','room:42','ping',{}]");
        client.receives("['3','8','room:42','phx_reply',{'status':'ok','response':{}}]");
    }

    @Test
    void aCallMayHaveNoReply() {
        serve(room -> room.answer(
                Chat.ASK,
                (input, in) -> input.text().equals("quiet") ? Reply.none() : Reply.ok(new Chat.Text(input.text()))));
        client.sends("['3','8','room:42','ask',{'text':'quiet'}]", "['3','9','room:42','ask',{'text':'hi'}]");
        client.receives("['3','9','room:42','phx_reply',{'status':'ok','response':{'text':'hi'}}]");
    }

    @Test
    void aCallIsAnsweredWithAReason() {
        serve(room -> room.answer(Chat.ASK, (input, in) -> Reply.error("muted")));
        client.sends("['3','8','room:42','ask',{'text':'hi'}]");
        client.receives("['3','8','room:42','phx_reply',{'status':'error','response':{'reason':'muted'}}]");
    }

    @Test
    void aCallIsAnsweredWithAnErrorOfItsType() {
        Call<Chat.Text, Chat.Text, Chat.Amount> ask =
                Call.of("ask", Chat.Text.class, Chat.Text.class).failingWith(Chat.Amount.class);
        serve(room -> room.answer(ask, (input, in) -> Reply.error(new Chat.Amount(7))));
        client.sends("['3','8','room:42','ask',{'text':'hi'}]");
        client.receives("['3','8','room:42','phx_reply',{'status':'error','response':{'number':7}}]");
    }

    @Test
    void aReplyMayBeAList() {
        Call<Chat.Text, List<Integer>, Reason> numbers =
                Call.of("numbers", Type.of(Chat.Text.class), new Type<List<Integer>>() {});
        serve(room -> room.answer(numbers, (input, in) -> Reply.ok(List.of(1, 2))));
        client.sends("['3','8','room:42','numbers',{'text':'hi'}]");
        client.receives("['3','8','room:42','phx_reply',{'status':'ok','response':[1,2]}]");
    }

    @Test
    void aCallMayHaveAListAsItsPayload() {
        Type<List<Integer>> list = new Type<>() {};
        Call<List<Integer>, Chat.Amount, Reason> sum = Call.of("sum", list, Type.of(Chat.Amount.class));
        serve(room -> room.answer(sum, (numbers, in) -> Reply.ok(sumOf(numbers))));
        client.sends(
                "['3','8','room:42','sum',[1,2]]",
                "['3','9','room:42','sum',[1,'a']]",
                "['3','10','room:42','sum',{}]");
        client.receives(
                "['3','8','room:42','phx_reply',{'status':'ok','response':{'number':3}}]",
                "['3','9','room:42','phx_reply',{'status':'error','response':"
                        + "{'reason':'invalid_payload','field':'[1]','message':'must be an integer'}}]",
                "['3','10','room:42','phx_reply',{'status':'error','response':"
                        + "{'reason':'invalid_payload','field':'','message':'must be an array'}}]");
    }

    private static Chat.Amount sumOf(List<Integer> numbers) {
        return new Chat.Amount(numbers.stream().mapToInt(Integer::intValue).sum());
    }

    @Test
    void anEventMayBeRefused() {
        serve(room -> room.on(Chat.SAY, (text, in) -> Reply.error("muted")));
        client.sends("['3','8','room:42','say',{'text':'hi'}]");
        client.receives("['3','8','room:42','phx_reply',{'status':'error','response':{'reason':'muted'}}]");
    }

    @Test
    void aMessageWithoutARefGetsNoReply() {
        serve(room ->
                room.answer(Chat.ASK, (input, in) -> Reply.ok(input)).answer(Chat.PING, (nothing, in) -> Reply.ok()));
        client.sends(
                "['3',null,'room:42','ask',{'text':'hi'}]",
                "['3',null,'room:42','nothing like it',{}]",
                "['3',null,'room:42','ask',{'text':7}]",
                "['3','8','room:42','ping',{}]");
        client.receives("['3','8','room:42','phx_reply',{'status':'ok','response':{}}]");
    }

    @Test
    void rawPayloadsPassAsTheyCame() {
        Event<Raw> raw = Event.of("raw", Raw.class);
        serve(room -> room.on(raw, (payload, in) -> in.broadcast(raw, payload)));
        client.sends("['3','8','room:42','raw', { 'b' : 1,  'a':[ 1e3 ] } ]");
        client.receives("[null,null,'room:42','raw',{ 'b' : 1,  'a':[ 1e3 ] }]");
    }

    @Test
    void anEventWithoutAHandlerIsAnswered() {
        serve(room -> room);
        client.sends("['3','8','room:42','save',{}]");
        client.receives("['3','8','room:42','phx_reply',{'status':'error','response':{'reason':'unhandled_event'}}]");
        assertThat(server.count(Counter.EVENTS_UNHANDLED)).isEqualTo(1);
    }

    @Test
    void aPayloadThatDoesNotFitIsAnsweredWithTheFieldAndTheChannelStaysOpen() {
        serve(room -> room.answer(Chat.ADD, (input, in) -> Reply.ok(input))
                .on(Chat.COUNT, (text, in) -> NoReply.none())
                .answerLater(Chat.ASK, (input, in, answer) -> answer.send(Reply.ok(input))));
        String invalid = "[\"3\",\"%d\",\"room:42\",\"phx_reply\",{\"status\":\"error\",\"response\":"
                + "{\"reason\":\"invalid_payload\",\"field\":\"%s\",\"message\":";
        client.sends(
                "['3','1','room:42','add',{'number':'7'}]",
                "['3','2','room:42','count',{}]",
                "['3','3','room:42','ask',{'text':[]}]",
                "['3','4','room:42','add',[1]]",
                "['3','5','room:42','add',{'number':7}]");
        assertThat(client.next()).startsWith(invalid.formatted(1, "number"));
        assertThat(client.next()).startsWith(invalid.formatted(2, "number"));
        assertThat(client.next()).startsWith(invalid.formatted(3, "text"));
        assertThat(client.next()).startsWith(invalid.formatted(4, ""));
        client.receives("['3','5','room:42','phx_reply',{'status':'ok','response':{'number':7}}]");
        assertThat(server.count(Counter.PAYLOADS_INVALID)).isEqualTo(4);
    }

    @Test
    void aRecordThatRefusesItsValueNamesTheField() {
        serve(room -> room.answer(Chat.ADD, (input, in) -> Reply.ok(input)));
        client.sends("['3','8','room:42','add',{'number':-1}]");
        client.receives("['3','8','room:42','phx_reply',{'status':'error','response':"
                + "{'reason':'invalid_payload','field':'number','message':'must not be negative'}}]");
    }

    @Test
    void aDeferredReplyMayBeSentFromAnotherThread() throws InterruptedException {
        var answer = new AtomicReference<DeferredReply<Chat.Text, Reason>>();
        serve(room -> room.answerLater(Chat.ASK, (input, in, owed) -> answer.set(owed))
                .answer(Chat.PING, (nothing, in) -> Reply.ok()));
        client.sends("['3','8','room:42','ask',{'text':'hi'}]", "['3','9','room:42','ping',{}]");
        client.receives("['3','9','room:42','phx_reply',{'status':'ok','response':{}}]");
        Thread.ofPlatform()
                .start(() -> answer.get().send(Reply.ok(new Chat.Text("at last"))))
                .join();
        client.receives("['3','8','room:42','phx_reply',{'status':'ok','response':{'text':'at last'}}]");
    }

    @Test
    void aDeferredReplyIsSentOnce() {
        var answer = new AtomicReference<DeferredReply<Chat.Text, Reason>>();
        serve(room -> room.answerLater(Chat.ASK, (input, in, owed) -> {
            answer.set(owed);
            owed.send(Reply.error("no"));
        }));
        client.sends("['3','8','room:42','ask',{'text':'hi'}]");
        client.receives("['3','8','room:42','phx_reply',{'status':'error','response':{'reason':'no'}}]");
        assertThatIllegalStateException()
                .isThrownBy(() -> answer.get().send(Reply.ok(new Chat.Text("yes"))))
                .withMessage("The call 'ask' on 'room:42' has its reply already; a reply is sent once.");
    }

    @Test
    void aReplyIsSentWhenItsFutureIsComplete() {
        var future = new CompletableFuture<Reply<Chat.Text, Reason>>();
        serve(room -> room.answerLater(Chat.ASK, (input, in, reply) -> reply.sendWhenComplete(future))
                .answer(Chat.PING, (nothing, in) -> Reply.ok()));
        client.sends("['3','8','room:42','ask',{'text':'hi'}]", "['3','9','room:42','ping',{}]");
        client.receives("['3','9','room:42','phx_reply',{'status':'ok','response':{}}]");
        future.complete(Reply.error("too late"));
        client.receives("['3','8','room:42','phx_reply',{'status':'error','response':{'reason':'too late'}}]");
    }

    @Test
    void aFutureThatFailsEndsItsChannelAsAHandlerDoes() {
        var future = new CompletableFuture<String>();
        serve(room -> room.answerLater(
                Chat.ASK,
                (input, in, reply) -> reply.sendWhenComplete(future.thenApply(text -> Reply.ok(new Chat.Text(text))))));
        client.sends("['3','8','room:42','ask',{'text':'hi'}]");
        future.completeExceptionally(new IllegalStateException("no price"));
        client.receives(
                "['3','8','room:42','phx_reply',{'status':'error','response':{'reason':'crashed'}}]",
                "['3','3','room:42','phx_error',{'reason':'channel_crash'}]");
        assertThat(RecordedLog.linesAbout("the deferred reply to 'ask'"))
                .singleElement()
                .satisfies(line -> assertThat(line.text()).contains("Channel room:42 failed in"));
    }

    @Test
    void aFutureThatFailsAfterTheEndIsLogged() {
        var future = new CompletableFuture<Reply<Chat.Text, Reason>>();
        serve(room -> room.answerLater(Chat.ASK, (input, in, reply) -> reply.sendWhenComplete(future)));
        client.sends("['3','8','room:42','ask',{'text':'hi'}]", "['3','9','room:42','phx_leave',{}]");
        client.receives(
                "['3','8','room:42','phx_reply',{'status':'error','response':{'reason':'channel_closed'}}]",
                "['3','9','room:42','phx_reply',{'status':'ok','response':{}}]",
                "['3','3','room:42','phx_close',{}]");
        future.completeExceptionally(new IllegalStateException("no price"));
        server.await(
                () -> !RecordedLog.linesAbout("the deferred reply to 'ask'").isEmpty(), () -> "a line");
    }

    @Test
    void anEventWithoutAHandlerGoesToTheOneForAllOthers() {
        serve(room -> room.on(Chat.SAY, (text, in) -> NoReply.none())
                .onUnhandled((event, payload, in) -> event.equals("relay")
                        ? in.push(Event.of("relayed", Raw.class), payload)
                        : Reply.error("no " + event)));
        client.sends("['3','8','room:42','relay',{'a':1}]", "['3','9','room:42','save',{}]");
        client.receives(
                "['3',null,'room:42','relayed',{'a':1}]",
                "['3','9','room:42','phx_reply',{'status':'error','response':{'reason':'no save'}}]");
        assertThat(server.count(Counter.EVENTS_UNHANDLED)).isZero();
    }

    /** A value whose getter throws. */
    public static final class Unwritable {
        @SuppressWarnings("DoNotCallSuggester") // Jackson calls it
        public String getText() {
            throw new IllegalStateException("on purpose");
        }
    }

    @Test
    void aDeferredReplyThatCannotBeWrittenMayBeSentAgain() {
        var answer = new AtomicReference<DeferredReply<Object, Reason>>();
        Call<Chat.Text, Object, Reason> ask = Call.of("ask", Type.of(Chat.Text.class), Type.of(Object.class));
        serve(room -> room.answerLater(ask, (input, in, owed) -> answer.set(owed)));
        client.sends("['3','8','room:42','ask',{'text':'hi'}]");
        server.await(() -> answer.get() != null, () -> "a call");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> answer.get().send(Reply.ok(new Unwritable())))
                .withMessageContaining("cannot write");
        assertThatNullPointerException()
                .isThrownBy(() -> answer.get().send(Reply.ok(null)))
                .withMessageContaining("Empty.EMPTY");
        answer.get().send(Reply.ok(new Chat.Text("better")));
        client.receives("['3','8','room:42','phx_reply',{'status':'ok','response':{'text':'better'}}]");
    }

    /** The rule of {@code Join.ok(null)}. */
    @Test
    void assignsAreNeverNull() {
        serve(room -> room.on(Chat.GO, (nothing, in) -> {
                    in.assign(null);
                    return NoReply.none();
                })
                .on(Chat.SAY, (text, in) -> {
                    in.update(assigns -> null);
                    return NoReply.none();
                })
                .answer(Chat.PING, (nothing, in) -> {
                    assertThatNullPointerException().isThrownBy(() -> in.assign(null));
                    assertThatNullPointerException().isThrownBy(() -> in.update(assigns -> null));
                    return in.assigns().equals("room:42") ? Reply.ok() : Reply.error(in.assigns());
                }));
        client.sends("['3','7','room:42','ping',{}]");
        client.receives("['3','7','room:42','phx_reply',{'status':'ok','response':{}}]");
        String crash = "['%1$s','%1$s','room:42','phx_error',{'reason':'channel_crash'}]";
        client.sends("['3','8','room:42','go',{}]");
        client.receives(crash.formatted("3"));
        client.joins("4", "room:42");
        client.sends("['4','9','room:42','say',{'text':'hi'}]");
        client.receives(crash.formatted("4"));
        assertThat(RecordedLog.linesAbout("failed in"))
                .hasSize(2)
                .allSatisfy(
                        line -> assertThat(line.thrown())
                                .isInstanceOf(NullPointerException.class)
                                .hasMessage(
                                        "The assigns of a channel are null; give Empty.EMPTY if there is nothing to remember."));
    }

    @Test
    void aDeferredReplyAfterTheEndIsDroppedAndCounted() {
        var answer = new AtomicReference<DeferredReply<Chat.Text, Reason>>();
        serve(room -> room.answerLater(Chat.ASK, (input, in, owed) -> answer.set(owed)));
        client.sends("['3','8','room:42','ask',{'text':'hi'}]", "['3','9','room:42','phx_leave',{}]");
        client.receives(
                "['3','8','room:42','phx_reply',{'status':'error','response':{'reason':'channel_closed'}}]",
                "['3','9','room:42','phx_reply',{'status':'ok','response':{}}]",
                "['3','3','room:42','phx_close',{}]");
        answer.get().send(Reply.ok(new Chat.Text("too late")));
        assertThat(server.count(Counter.WRITES_AFTER_END)).isEqualTo(1);
    }

    @Test
    void aHandlerStopsItsChannel() {
        serve(room -> room.on(Chat.GO, (nothing, in) -> Stop.because("closing time")));
        client.sends("['3','8','room:42','go',{}]");
        client.receives("['3','3','room:42','phx_close',{}]");
        assertThat(left).containsExactly(new LeaveReason.Stopped("closing time"));
    }

    @Test
    void aHandlerStopsItsChannelWithALastReply() {
        serve(room -> room.answer(Chat.ASK, (input, in) -> {
            in.push(Chat.SAY, new Chat.Text("bye"));
            return Stop.because("enough").replying(Reply.ok(input));
        }));
        client.sends("['3','8','room:42','ask',{'text':'hi'}]", "['3','9','room:42','ask',{'text':'more'}]");
        client.receives(
                "['3',null,'room:42','say',{'text':'bye'}]",
                "['3','8','room:42','phx_reply',{'status':'ok','response':{'text':'hi'}}]",
                "['3','3','room:42','phx_close',{}]",
                "[null,'9','room:42','phx_reply',{'status':'error','response':{'reason':'unmatched topic'}}]");
    }

    @Test
    void aHandlerThatThrowsEndsItsChannelAlone() {
        serve(room -> room.on(Chat.SAY, (text, in) -> {
                    throw new IllegalStateException(text.text());
                })
                .answer(Chat.PING, (nothing, in) -> Reply.ok()));
        client.joins("5", "room:crash");
        client.sends("['5','8','room:crash','say',{'text':'secret of a client'}]");
        client.receives("['5','5','room:crash','phx_error',{'reason':'channel_crash'}]");
        assertThat(left)
                .singleElement()
                .satisfies(why -> assertThat(((LeaveReason.Failed) why).cause()).hasMessage("secret of a client"));
        assertThat(server.count(Counter.CHANNELS_FAILED)).isEqualTo(1);
        assertThat(RecordedLog.linesAbout("room:crash"))
                .singleElement()
                .satisfies(line -> assertThat(line.text()).contains("the handler of 'say'"));

        client.sends("['3','9','room:42','ping',{}]", "['5','10','room:crash','ping',{}]");
        client.receivesInAnyOrder(
                "[null,'10','room:crash','phx_reply',{'status':'error','response':{'reason':'unmatched topic'}}]",
                "['3','9','room:42','phx_reply',{'status':'ok','response':{}}]");
        client.joins("11", "room:crash");
    }

    @Test
    void aHandlerThatOverflowsTheStackEndsItsChannel() {
        serve(room -> room.on(Chat.GO, (nothing, in) -> endlessly()));
        client.sends("['3','8','room:42','go',{}]");
        client.receives("['3','3','room:42','phx_error',{'reason':'channel_crash'}]");
    }

    @SuppressWarnings("InfiniteRecursion") // that is the point
    private static NoReply endlessly() {
        return endlessly();
    }

    @Test
    void aHandlerThatReturnsNullEndsItsChannel() {
        serve(room -> room.on(Chat.GO, (nothing, in) -> null));
        client.sends("['3','8','room:42','go',{}]");
        client.receives("['3','3','room:42','phx_error',{'reason':'channel_crash'}]");
        assertThat(left)
                .singleElement()
                .satisfies(why -> assertThat(((LeaveReason.Failed) why).cause())
                        .hasMessage("The handler of 'go' returned null; return NoReply.none(), a Reply or a Stop."));
    }

    @Test
    void aPayloadThatIsNotAnObjectIsNotPushed() {
        serve(room -> room.on(Chat.GO, (nothing, in) -> {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> in.push(Event.of("list", Chat.Bare.class), new Chat.Bare(List.of(1))))
                    .withMessageContaining("wrap it in a record or a map");
            return in.push(Chat.SAY, new Chat.Text("refused"));
        }));
        client.sends("['3','8','room:42','go',{}]");
        client.receives("['3',null,'room:42','say',{'text':'refused'}]");
    }

    @Test
    void assignsBelongToHandlers() {
        serve(room -> room);
        assertThat(context.get().assigns()).isEqualTo("room:42");
        assertThatIllegalStateException()
                .isThrownBy(() -> context.get().assign("mine"))
                .withMessage("Context.assign was called on a thread that runs no handler of 'room:42';"
                        + " send the channel an info message, and call it in the handler of that message.");
        assertThatIllegalStateException()
                .isThrownBy(() -> context.get().update(own -> own + "!"))
                .withMessageContaining("Context.update");
    }

    @Test
    void anotherThreadMayPushAndBroadcast() {
        serve(room -> room);
        context.get().push(Chat.SAY, new Chat.Text("one"));
        context.get().broadcast(Chat.SAY, new Chat.Text("two"));
        context.get().push(Chat.SAY, new Chat.Text("three"));
        client.receives(
                "['3',null,'room:42','say',{'text':'one'}]",
                "[null,null,'room:42','say',{'text':'two'}]",
                "['3',null,'room:42','say',{'text':'three'}]");
    }

    @Test
    void theServerBroadcastsToATopic() {
        serve(room -> room);
        Client other = server.connect();
        other.joins("1", "room:42");
        Client elsewhere = server.connect();
        elsewhere.joins("1", "room:43");
        server.hub.channels().broadcast("room:42", Chat.SAY, new Chat.Text("all"));
        server.hub.channels().broadcast("room:nobody", Chat.SAY, new Chat.Text("all"));
        client.receives("[null,null,'room:42','say',{'text':'all'}]");
        other.receives("[null,null,'room:42','say',{'text':'all'}]");
    }
}
