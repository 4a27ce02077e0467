package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Context;
import io.heliodor.channel.InfoMessage;
import io.heliodor.channel.Join;
import io.heliodor.channel.LeaveReason;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.Reply;
import io.heliodor.channel.Stop;
import io.heliodor.limit.Limits;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import io.heliodor.session.telemetry.Counter;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Messages of the server to a channel: info messages, and messages of topics of the pub/sub. */
class MessageTests {
    private static final Topic<Chat.Text> FEED = Topic.of("feed", Chat.Text.class);
    private static final Topic<Chat.Text> ALARMS = Topic.of("alarms", Chat.Text.class);

    @AutoClose
    private final TestServer server = new TestServer(Limits.openInternet().sessions(s -> s.maxMailboxMessages(3)));

    private final AtomicReference<Context<?, String>> context = new AtomicReference<>();
    private final Queue<Subscription> subscriptions = new ConcurrentLinkedQueue<>();
    private Client client;

    private static final InfoMessage<Chat.Text> TEXT = InfoMessage.of("text", Chat.Text.class);

    private void serve(UnaryOperator<Channel.Builder<Object, String>> handlers) {
        Channel.Builder<Object, String> room = Channel.join(join -> Join.ok(join.topic()));
        server.serve("room:*", handlers.apply(room.onJoined(context::set)).build());
        client = server.connect();
        client.joins("3", "room:42");
        server.await(() -> context.get() != null, () -> "a joined channel");
    }

    @Test
    void anInfoMessageReachesItsHandler() {
        serve(room -> room.onInfo(Chat.NUMBER, (number, in) -> in.push(Chat.SAY, new Chat.Text("number " + number)))
                .onInfo(Chat.WORD, (word, in) -> in.push(Chat.SAY, new Chat.Text("word " + word))));
        assertThat(context.get().send(Chat.WORD, "a")).isTrue();
        assertThat(context.get().send(Chat.NUMBER, 1)).isTrue();
        client.receives(
                "['3',null,'room:42','say',{'text':'word a'}]", "['3',null,'room:42','say',{'text':'number 1'}]");
    }

    @Test
    void sendingAnInfoMessageWithoutAHandlerIsRefused() {
        serve(room -> room.onInfo(Chat.NUMBER, (number, in) -> in.push(Chat.SAY, new Chat.Text("number"))));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> context.get().send(Chat.WORD, "a"))
                .withMessage(
                        "Channel room:* has no handler for info message 'word'; add .onInfo(message, handler) to its"
                                + " definition.");
        context.get().send(Chat.NUMBER, 1);
        client.receives("['3',null,'room:42','say',{'text':'number'}]");
    }

    @Test
    void aHandlerMaySendAnInfoMessageToItsOwnChannel() {
        serve(room -> room.on(Chat.GO, (nothing, in) -> {
                    in.send(Chat.WORD, "later");
                    return in.push(Chat.SAY, new Chat.Text("now"));
                })
                .onInfo(Chat.WORD, (word, in) -> in.push(Chat.SAY, new Chat.Text(word))));
        client.sends("['3','8','room:42','go',{}]");
        client.receives("['3',null,'room:42','say',{'text':'now'}]", "['3',null,'room:42','say',{'text':'later'}]");
    }

    @Test
    void aMessageMayStopItsChannelOrEndItByAnException() {
        serve(room -> room.onInfo(Chat.WORD, (word, in) -> Stop.because(word)).onInfo(Chat.NUMBER, (number, in) -> {
            throw new IllegalStateException("" + number);
        }));
        context.get().send(Chat.WORD, "enough");
        client.receives("['3','3','room:42','phx_close',{}]");
        context.set(null);
        client.joins("4", "room:42");
        server.await(() -> context.get() != null, () -> "a joined channel");
        context.get().send(Chat.NUMBER, 7);
        client.receives("['4','4','room:42','phx_error',{'reason':'channel_crash'}]");
    }

    @Test
    void aReplyToAnInfoMessageIsDropped() {
        serve(room -> room.onInfo(Chat.WORD, (word, in) -> Reply.error("to whom?"))
                .onInfo(Chat.NUMBER, (number, in) -> Stop.because("bye").replying(Reply.error("to whom?"))));
        context.get().send(Chat.WORD, "a");
        context.get().send(Chat.NUMBER, 1);
        client.receives("['3','3','room:42','phx_close',{}]");
    }

    @Test
    void aMessageThatFindsTheMailboxFullIsDroppedAndCounted() {
        Gate gate = server.gate();
        serve(room -> room.onInfo(Chat.NUMBER, (number, in) -> {
            gate.pass();
            return in.push(Chat.COUNT, new Chat.Amount(number));
        }));
        Context<?, String> room = context.get();
        assertThat(room.send(Chat.NUMBER, 0)).isTrue();
        server.awaitReached(gate);
        assertThat(List.of(
                        room.send(Chat.NUMBER, 1),
                        room.send(Chat.NUMBER, 2),
                        room.send(Chat.NUMBER, 3),
                        room.send(Chat.NUMBER, 4)))
                .containsExactly(true, true, true, false);
        assertThat(server.count(Counter.MESSAGES_DROPPED)).isEqualTo(1);
        gate.open();
        for (int i = 0; i <= 3; i++) {
            client.receives("['3',null,'room:42','count',{'number':%d}]".formatted(i));
        }
        assertThat(room.send(Chat.NUMBER, 5)).isTrue();
        client.receives("['3',null,'room:42','count',{'number':5}]");
    }

    private Channel.Builder<Object, String> follower(Channel.Builder<Object, String> room) {
        return room.onJoined(in -> subscriptions.add(in.subscribe(FEED)))
                .on(Chat.GO, (nothing, in) -> {
                    subscriptions.add(in.subscribe(FEED));
                    return NoReply.none();
                })
                .onPublished(FEED, (text, in) -> in.push(Chat.SAY, text))
                .onPublished(ALARMS, (text, in) -> Stop.because(text.text()));
    }

    @Test
    void aMessagePublishedOnATopicReachesItsHandler() {
        serve(this::follower);
        server.await(() -> !subscriptions.isEmpty(), () -> "a subscription");
        server.pubsub.broadcast(FEED, new Chat.Text("news"));
        client.receives("['3',null,'room:42','say',{'text':'news'}]");
    }

    @Test
    void aSubscriptionEndsWithItsChannel() {
        serve(this::follower);
        client.joins("4", "room:43");
        server.await(() -> server.pubsub.count("feed") == 2, () -> "two subscriptions");
        client.sends("['3','8','room:42','phx_leave',{}]");
        client.receives(
                "['3','8','room:42','phx_reply',{'status':'ok','response':{}}]", "['3','3','room:42','phx_close',{}]");
        assertThat(server.pubsub.count("feed")).isEqualTo(1);
        client.drops();
        server.await(() -> server.pubsub.count("feed") == 0, () -> "no subscription");
    }

    @Test
    void aSubscriptionMayEndEarlier() {
        serve(this::follower);
        server.await(() -> !subscriptions.isEmpty(), () -> "a subscription");
        subscriptions.remove().close();
        assertThat(server.pubsub.count("feed")).isZero();
        server.pubsub.broadcast(FEED, new Chat.Text("unheard"));
        client.sends("['3','8','room:42','nothing',{}]");
        client.receives("['3','8','room:42','phx_reply',{'status':'error','response':{'reason':'unhandled_event'}}]");
    }

    @Test
    void subscribingAgainEndsTheEarlierSubscription() {
        serve(this::follower);
        for (int i = 2; i <= 20; i++) {
            int expected = i;
            client.sends("['3',null,'room:42','go',{}]");
            server.await(() -> subscriptions.size() == expected, subscriptions::toString);
        }
        server.await(() -> server.pubsub.count("feed") == 1, () -> server.pubsub.count("feed") + " subscriptions");
        server.pubsub.broadcast(FEED, new Chat.Text("once"));
        client.receives("['3',null,'room:42','say',{'text':'once'}]");
    }

    @Test
    void aSubscriptionAfterTheEndIsClosedAtOnce() {
        serve(this::follower);
        client.sends("['3','8','room:42','phx_leave',{}]");
        client.receives(
                "['3','8','room:42','phx_reply',{'status':'ok','response':{}}]", "['3','3','room:42','phx_close',{}]");
        context.get().subscribe(FEED);
        assertThat(server.pubsub.count("feed")).isZero();
    }

    @Test
    void aTopicWithoutAHandlerIsNotSubscribedTo() {
        serve(room -> room);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> context.get().subscribe(FEED))
                .withMessage("Channel room:* has no handler for topic 'feed';"
                        + " add .onPublished(topic, handler) to its definition.");
        assertThat(server.pubsub.count("feed")).isZero();
    }

    @Test
    void aTopicMayStopAChannel() {
        serve(room -> follower(room).onJoined(in -> in.subscribe(ALARMS)));
        server.await(() -> server.pubsub.count("alarms") == 1, () -> "a subscription");
        server.pubsub.broadcast(ALARMS, new Chat.Text("fire"));
        client.receives("['3','3','room:42','phx_close',{}]");
    }

    @Test
    void aMessagePublishedToAFullMailboxIsDroppedAndCountedWithoutADelay() {
        Gate gate = server.gate();
        serve(room -> room.onJoined(in -> in.subscribe(FEED)).onPublished(FEED, (text, in) -> {
            gate.pass();
            return in.push(Chat.SAY, text);
        }));
        server.await(() -> server.pubsub.count("feed") == 1, () -> "a subscription");
        server.pubsub.broadcast(FEED, new Chat.Text("0"));
        server.awaitReached(gate);
        for (int i = 1; i <= 5; i++) {
            server.pubsub.broadcast(FEED, new Chat.Text("" + i));
        }
        assertThat(server.count(Counter.MESSAGES_DROPPED)).isEqualTo(2);
        gate.open();
        for (int i = 0; i <= 3; i++) {
            client.receives("['3',null,'room:42','say',{'text':'%d'}]".formatted(i));
        }
    }

    private final Queue<Context<?, String>> rooms = new ConcurrentLinkedQueue<>();
    private final Queue<Thread> threads = new ConcurrentLinkedQueue<>();
    private final Queue<LeaveReason> left = new ConcurrentLinkedQueue<>();

    /** Serves idle channels of one client, with a handler that notes its thread. */
    private void serveIdle(int channels) {
        server.serve(
                "room:*",
                Channel.join(join -> Join.ok(join.topic()))
                        .onJoined(in -> in.subscribe(FEED))
                        .onJoined(rooms::add)
                        .onPublished(FEED, (text, in) -> {
                            threads.add(Thread.currentThread());
                            return in.push(Chat.SAY, text);
                        })
                        .onInfo(TEXT, (text, in) -> {
                            threads.add(Thread.currentThread());
                            return in.push(Chat.SAY, text);
                        })
                        .onLeave((why, in) -> left.add(why))
                        .build());
        client = server.connect();
        for (int i = 0; i < channels; i++) {
            client.joins("" + i, "room:" + i);
        }
        server.await(
                () -> rooms.size() == channels && Quiescence.isReached(server.lane(), List.of(client.session())),
                () -> "idle channels");
    }

    private static String[] messages(int channels) {
        return IntStream.range(0, channels)
                .mapToObj("['%1$d',null,'room:%1$d','say',{'text':'x'}]"::formatted)
                .toArray(String[]::new);
    }

    /** The loop stands still until the other thread is done, and then until all handlers have run. */
    private void onAnotherThread(Runnable action, int handled) throws Exception {
        Thread thread = Thread.ofPlatform().start(action);
        thread.join();
        server.loop().turn();
        Awaitility.await().atMost(TestServer.DEADLINE).until(() -> threads.size() == handled);
    }

    @Test
    void channelsThatGetAnInfoMessageInOneTurnRunOnOneThread() throws Exception {
        serveIdle(20);
        onAnotherThread(() -> rooms.forEach(room -> room.send(TEXT, new Chat.Text("x"))), 20);
        assertThat(Set.copyOf(threads)).hasSize(1);
        client.receivesInAnyOrder(messages(20));
    }

    @Test
    void channelsThatGetAMessageOfThePubSubInOneTurnRunOnOneThread() throws Exception {
        serveIdle(20);
        onAnotherThread(() -> server.pubsub.broadcast(FEED, new Chat.Text("x")), 20);
        assertThat(Set.copyOf(threads)).hasSize(1);
        client.receivesInAnyOrder(messages(20));
    }

    @Test
    void aChannelThatEndsBeforeTheLaneRunsItsMessageHandlesItAndRunsItsLeaveHook() throws Exception {
        serveIdle(1);
        Thread.ofPlatform()
                .start(() -> rooms.element().send(TEXT, new Chat.Text("x")))
                .join();
        client.drops();
        server.await(() -> !left.isEmpty(), () -> "the leave hook");
        assertThat(left).containsExactly(new LeaveReason.Disconnected());
        assertThat(threads).hasSize(1);
    }

    @Test
    void aHandlerMayWaitForAnotherChannelThatItSendsTo() {
        Gate reached = server.gate();
        server.serve(
                "room:*",
                Channel.join(join -> Join.ok(join.topic()))
                        .onJoined(rooms::add)
                        .on(Chat.GO, (nothing, in) -> {
                            rooms.forEach(room -> room.send(Chat.WORD, "x"));
                            reached.pass();
                            return in.push(Chat.SAY, new Chat.Text("both"));
                        })
                        .answer(Chat.PING, (nothing, in) -> Reply.ok())
                        .onInfo(Chat.WORD, (text, in) -> {
                            if (in.subtopic().equals("2")) {
                                reached.open();
                            }
                            return NoReply.none();
                        })
                        .build());
        client = server.connect();
        for (int i = 1; i <= 3; i++) {
            client.joins("" + i, "room:" + i);
        }
        server.await(() -> rooms.size() == 3, rooms::toString);
        client.sends("['1',null,'room:1','go',{}]", "['3','8','room:3','ping',{}]");
        client.receivesInAnyOrder(
                "['1',null,'room:1','say',{'text':'both'}]",
                "['3','8','room:3','phx_reply',{'status':'ok','response':{}}]");
    }
}
