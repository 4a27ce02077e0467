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

/** What the server side tells a channel: by its context, and by topics of the pub/sub. */
class MessageTests {
    private static final Topic<Said.Text> FEED = Topic.of("feed", Said.Text.class);
    private static final Topic<Said.Text> ALARMS = Topic.of("alarms", Said.Text.class);

    @AutoClose
    private final TestServer server = new TestServer(Limits.openInternet().sessions(s -> s.maxMailboxMessages(3)));

    private final AtomicReference<Context<?, String>> context = new AtomicReference<>();
    private final Queue<Subscription> subscriptions = new ConcurrentLinkedQueue<>();
    private Client client;

    private static final InfoMessage<Said.Text> TEXT = InfoMessage.of("text", Said.Text.class);

    private void serve(UnaryOperator<Channel.Builder<Object, String>> handlers) {
        Channel.Builder<Object, String> room = Channel.join(join -> Join.ok(join.topic()));
        server.serve("room:*", handlers.apply(room.onJoined(context::set)).build());
        client = server.connect();
        client.joins("3", "room:42");
        server.await(() -> context.get() != null, () -> "a joined channel");
    }

    @Test
    void anInfoMessageReachesItsHandler() {
        serve(room -> room.onInfo(Said.NUMBER, (number, in) -> in.push(Said.SAY, new Said.Text("number " + number)))
                .onInfo(Said.WORD, (word, in) -> in.push(Said.SAY, new Said.Text("word " + word))));
        assertThat(context.get().send(Said.WORD, "a")).isTrue();
        assertThat(context.get().send(Said.NUMBER, 1)).isTrue();
        client.receives(
                "['3',null,'room:42','say',{'text':'word a'}]", "['3',null,'room:42','say',{'text':'number 1'}]");
    }

    @Test
    void anInfoMessageWithoutAHandlerIsRefusedWhereItIsSent() {
        serve(room -> room.onInfo(Said.NUMBER, (number, in) -> in.push(Said.SAY, new Said.Text("number"))));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> context.get().send(Said.WORD, "a"))
                .withMessage(
                        "Channel room:* has no handler for info message 'word'; add .onInfo(message, handler) to its"
                                + " definition.");
        context.get().send(Said.NUMBER, 1);
        client.receives("['3',null,'room:42','say',{'text':'number'}]");
    }

    @Test
    void aHandlerMayTellItsOwnChannel() {
        serve(room -> room.on(Said.GO, (nothing, in) -> {
                    in.send(Said.WORD, "later");
                    return in.push(Said.SAY, new Said.Text("now"));
                })
                .onInfo(Said.WORD, (told, in) -> in.push(Said.SAY, new Said.Text(told))));
        client.says("['3','8','room:42','go',{}]");
        client.receives("['3',null,'room:42','say',{'text':'now'}]", "['3',null,'room:42','say',{'text':'later'}]");
    }

    @Test
    void aMessageMayStopItsChannelOrEndItByAnException() {
        serve(room -> room.onInfo(Said.WORD, (told, in) -> Stop.because(told)).onInfo(Said.NUMBER, (number, in) -> {
            throw new IllegalStateException("" + number);
        }));
        context.get().send(Said.WORD, "enough");
        client.receives("['3','3','room:42','phx_close',{}]");
        context.set(null);
        client.joins("4", "room:42");
        server.await(() -> context.get() != null, () -> "a joined channel");
        context.get().send(Said.NUMBER, 7);
        client.receives("['4','4','room:42','phx_error',{'reason':'channel_crash'}]");
    }

    @Test
    void thereIsNobodyToAnswerToAMessage() {
        serve(room -> room.onInfo(Said.WORD, (told, in) -> Reply.error("to whom?"))
                .onInfo(Said.NUMBER, (number, in) -> Stop.because("bye").replying(Reply.error("to whom?"))));
        context.get().send(Said.WORD, "a");
        context.get().send(Said.NUMBER, 1);
        client.receives("['3','3','room:42','phx_close',{}]");
    }

    @Test
    void aMessageThatFindsTheMailboxFullIsDroppedAndCounted() {
        Gate gate = server.gate();
        serve(room -> room.onInfo(Said.NUMBER, (number, in) -> {
            gate.pass();
            return in.push(Said.COUNT, new Said.Amount(number));
        }));
        Context<?, String> room = context.get();
        assertThat(room.send(Said.NUMBER, 0)).isTrue();
        server.awaitReached(gate);
        assertThat(List.of(
                        room.send(Said.NUMBER, 1),
                        room.send(Said.NUMBER, 2),
                        room.send(Said.NUMBER, 3),
                        room.send(Said.NUMBER, 4)))
                .containsExactly(true, true, true, false);
        assertThat(server.count(Counter.MESSAGES_DROPPED)).isEqualTo(1);
        gate.open();
        for (int i = 0; i <= 3; i++) {
            client.receives("['3',null,'room:42','count',{'number':%d}]".formatted(i));
        }
        assertThat(room.send(Said.NUMBER, 5)).isTrue();
        client.receives("['3',null,'room:42','count',{'number':5}]");
    }

    private Channel.Builder<Object, String> follower(Channel.Builder<Object, String> room) {
        return room.onJoined(in -> subscriptions.add(in.subscribe(FEED)))
                .on(Said.GO, (nothing, in) -> {
                    subscriptions.add(in.subscribe(FEED));
                    return NoReply.none();
                })
                .onPublished(FEED, (said, in) -> in.push(Said.SAY, said))
                .onPublished(ALARMS, (said, in) -> Stop.because(said.text()));
    }

    @Test
    void whatIsPublishedOnATopicReachesItsHandler() {
        serve(this::follower);
        server.await(() -> !subscriptions.isEmpty(), () -> "a subscription");
        server.pubsub.broadcast(FEED, new Said.Text("news"));
        client.receives("['3',null,'room:42','say',{'text':'news'}]");
    }

    @Test
    void aSubscriptionEndsWithItsChannel() {
        serve(this::follower);
        client.joins("4", "room:43");
        server.await(() -> server.pubsub.count("feed") == 2, () -> "two subscriptions");
        client.says("['3','8','room:42','phx_leave',{}]");
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
        server.pubsub.broadcast(FEED, new Said.Text("unheard"));
        client.says("['3','8','room:42','nothing',{}]");
        client.receives("['3','8','room:42','phx_reply',{'status':'error','response':{'reason':'unhandled_event'}}]");
    }

    @Test
    void subscribingAgainEndsTheEarlierSubscription() {
        serve(this::follower);
        for (int i = 2; i <= 20; i++) {
            int expected = i;
            client.says("['3',null,'room:42','go',{}]");
            server.await(() -> subscriptions.size() == expected, subscriptions::toString);
        }
        server.await(() -> server.pubsub.count("feed") == 1, () -> server.pubsub.count("feed") + " subscriptions");
        server.pubsub.broadcast(FEED, new Said.Text("once"));
        client.receives("['3',null,'room:42','say',{'text':'once'}]");
    }

    @Test
    void aSubscriptionAfterTheEndIsClosedAtOnce() {
        serve(this::follower);
        client.says("['3','8','room:42','phx_leave',{}]");
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
        server.pubsub.broadcast(ALARMS, new Said.Text("fire"));
        client.receives("['3','3','room:42','phx_close',{}]");
    }

    @Test
    void whatIsPublishedToAFullMailboxIsDroppedAndCountedAndDelaysNobody() {
        Gate gate = server.gate();
        serve(room -> room.onJoined(in -> in.subscribe(FEED)).onPublished(FEED, (said, in) -> {
            gate.pass();
            return in.push(Said.SAY, said);
        }));
        server.await(() -> server.pubsub.count("feed") == 1, () -> "a subscription");
        server.pubsub.broadcast(FEED, new Said.Text("0"));
        server.awaitReached(gate);
        for (int i = 1; i <= 5; i++) {
            server.pubsub.broadcast(FEED, new Said.Text("" + i));
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

    /** Channels of one client that are idle, with a handler that notes its thread. */
    private void serveIdle(int channels) {
        server.serve(
                "room:*",
                Channel.join(join -> Join.ok(join.topic()))
                        .onJoined(in -> in.subscribe(FEED))
                        .onJoined(rooms::add)
                        .onPublished(FEED, (said, in) -> {
                            threads.add(Thread.currentThread());
                            return in.push(Said.SAY, said);
                        })
                        .onInfo(TEXT, (said, in) -> {
                            threads.add(Thread.currentThread());
                            return in.push(Said.SAY, said);
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

    private static String[] eachSays(int channels) {
        return IntStream.range(0, channels)
                .mapToObj("['%1$d',null,'room:%1$d','say',{'text':'x'}]"::formatted)
                .toArray(String[]::new);
    }

    /** The loop stands still until the other thread has done it, and then until all handlers have run. */
    private void onAnotherThread(Runnable action, int handled) throws Exception {
        Thread thread = Thread.ofPlatform().start(action);
        thread.join();
        server.loop().turn();
        Awaitility.await().atMost(TestServer.DEADLINE).until(() -> threads.size() == handled);
    }

    @Test
    void channelsThatAreToldSomethingInOneTurnRunOnOneThread() throws Exception {
        serveIdle(20);
        onAnotherThread(() -> rooms.forEach(room -> room.send(TEXT, new Said.Text("x"))), 20);
        assertThat(Set.copyOf(threads)).hasSize(1);
        client.receivesInAnyOrder(eachSays(20));
    }

    @Test
    void channelsThatGetAMessageOfThePubSubInOneTurnRunOnOneThread() throws Exception {
        serveIdle(20);
        onAnotherThread(() -> server.pubsub.broadcast(FEED, new Said.Text("x")), 20);
        assertThat(Set.copyOf(threads)).hasSize(1);
        client.receivesInAnyOrder(eachSays(20));
    }

    @Test
    void aChannelThatEndsBeforeTheLaneKnowsOfItsMessageRunsItsLeaveHook() throws Exception {
        serveIdle(1);
        Thread.ofPlatform()
                .start(() -> rooms.element().send(TEXT, new Said.Text("x")))
                .join();
        client.drops();
        server.await(() -> !left.isEmpty(), () -> "the leave hook");
        assertThat(left).containsExactly(new LeaveReason.Disconnected());
        assertThat(threads).isEmpty();
    }

    @Test
    void aHandlerMayWaitForAnotherChannelThatItTells() {
        Gate reached = server.gate();
        server.serve(
                "room:*",
                Channel.join(join -> Join.ok(join.topic()))
                        .onJoined(rooms::add)
                        .on(Said.GO, (nothing, in) -> {
                            rooms.forEach(room -> room.send(Said.WORD, "x"));
                            reached.pass();
                            return in.push(Said.SAY, new Said.Text("both"));
                        })
                        .answer(Said.PING, (nothing, in) -> Reply.ok())
                        .onInfo(Said.WORD, (text, in) -> {
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
        client.says("['1',null,'room:1','go',{}]", "['3','8','room:3','ping',{}]");
        client.receivesInAnyOrder(
                "['1',null,'room:1','say',{'text':'both'}]",
                "['3','8','room:3','phx_reply',{'status':'ok','response':{}}]");
    }
}
