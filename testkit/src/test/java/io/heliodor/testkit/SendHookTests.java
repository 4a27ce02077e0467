package io.heliodor.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Channels;
import io.heliodor.channel.Connect;
import io.heliodor.channel.Join;
import io.heliodor.channel.Outgoing;
import io.heliodor.channel.Reply;
import io.heliodor.channel.SendHook;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.event.JsonProfile;
import io.heliodor.event.Raw;
import io.heliodor.event.Reason;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Messages that a hook holds back, and the principal of a connection, on the sockets of a kit. */
class SendHookTests {
    record Count(int number) {}

    private static final Event<Count> NEWS = Event.of("news", Count.class);
    private static final Event<Count> OTHER = Event.of("other", Count.class);
    private static final Call<Empty, Empty, Reason> SEND = Call.of("send", Empty.class, Empty.class);

    private final ConcurrentLinkedQueue<Runnable> held = new ConcurrentLinkedQueue<>();
    private final List<String> users = new CopyOnWriteArrayList<>();

    private final Channel<Object, Empty> room = Channel.join(join -> {
                join.channels().broadcast("room", NEWS, new Count(0));
                return Join.ok(Empty.EMPTY);
            })
            .answer(SEND, (nothing, in) -> {
                in.broadcast(NEWS, new Count(1));
                in.push(NEWS, new Count(2));
                in.broadcastFrom(NEWS, new Count(3));
                in.pushUnder("elsewhere", OTHER, new Count(4));
                in.channels().broadcast("room", NEWS, new Count(5));
                in.channels().broadcast(List.of("room"), NEWS, new Count(6));
                in.channels().now().broadcast("room", NEWS, new Count(7));
                return Reply.ok();
            })
            .pushTopics("elsewhere")
            .build();

    private final ChannelKit kit = ChannelKit.start(UserSocket.connect(
                    connect -> Connect.<Object>ok(Empty.EMPTY, "users:1").principal(() -> "ann"))
            .channel("room", room)
            .sendHook(held::add)
            .around(invocation -> {
                users.add(invocation.socket().principal().orElseThrow().getName());
                invocation.proceed();
            })
            .onRefresh((token, socket) -> Connect.<Object>ok(Empty.EMPTY).principal(() -> token))
            .build());

    @AfterEach
    void close() {
        kit.close();
    }

    private void release() {
        for (Runnable next = held.poll(); next != null; next = held.poll()) {
            next.run();
        }
    }

    private static List<Integer> numbers(TestChannel channel, int count) {
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            numbers.add(channel.expect(NEWS).number());
        }
        return numbers;
    }

    @Test
    void whatAHandlerSendsPassesTheHookInItsOrder() {
        TestChannel ann = kit.connect().join("room");
        TestChannel ben = kit.connect().join("room");
        assertThat(held).hasSize(2);
        release();
        assertThat(numbers(ann, 2)).containsExactly(0, 0);
        assertThat(numbers(ben, 2)).containsExactly(0, 0);

        ann.call(SEND);
        assertThat(numbers(ann, 1)).containsExactly(7);
        assertThat(numbers(ben, 1)).containsExactly(7);
        ann.expectNothing();
        ben.expectNothing();
        release();
        assertThat(numbers(ann, 4)).containsExactly(1, 2, 5, 6);
        assertThat(numbers(ben, 4)).containsExactly(1, 3, 5, 6);
        assertThat(ann.client().expect(OTHER)).isEqualTo(new Count(4));
    }

    @Test
    void channelsThroughAHookHoldTheirMessagesAndAnswerQueries() throws Exception {
        TestClient client = kit.connect();
        TestChannel ann = client.join("room");
        held.clear();
        Channels channels = kit.channels().through(held::add);
        assertThat(channels.now()).isSameAs(kit.channels().now());
        channels.broadcast("room", NEWS, new Count(1));
        CompletableFuture<Integer> count =
                channels.push("users:1", NEWS, new Count(2)).toCompletableFuture();
        assertThat(channels.localMembers("room")).hasSize(1);
        assertThat(channels.localConnections("users:1")).hasSize(1);
        assertThat(channels.memberCount("room")).isEqualTo(1);
        assertThat(channels.serves("room")).isTrue();
        channels.recheck("users:1");
        channels.remove("users:1", "other");
        assertThat(held).hasSize(4);
        assertThat(count).isNotDone();
        release();
        assertThat(count.get()).isEqualTo(1);
        assertThat(numbers(ann, 1)).containsExactly(1);
        assertThat(client.expect(NEWS)).isEqualTo(new Count(2));
        channels.kick("users:1", NEWS, new Count(3));
        channels.disconnect("users:2");
        assertThat(held).hasSize(2);
        release();
        assertThat(client.expect(NEWS)).isEqualTo(new Count(3));
        assertThat(client.expectClose()).isEqualTo(4403);
    }

    @Test
    void aHookKnowsTheKindTheTopicsAndTheEvent() {
        List<String> names = new ArrayList<>();
        Channels channels = kit.channels()
                .through(message -> names.add(message.kind() + " " + message.topics() + " "
                        + message.event().orElse("-")));
        channels.broadcast("room", NEWS, new Count(1));
        channels.broadcast(List.of("a", "b"), NEWS, new Count(1));
        CompletableFuture<Integer> count =
                channels.push("users:1", NEWS, new Count(1)).toCompletableFuture();
        channels.kick("users:1", OTHER, new Count(1));
        channels.remove("users:1", "room");
        channels.disconnect("users:1");
        channels.recheck("users:1");
        assertThat(names)
                .containsExactly(
                        "BROADCAST [room] news",
                        "BROADCAST [a, b] news",
                        "PUSH [] news",
                        "KICK [] other",
                        "REMOVE [room] -",
                        "DISCONNECT [] -",
                        "RECHECK [] -");
        assertThat(count).as("a push that is never sent").isNotDone();
    }

    @Test
    void aPushThatFailsLaterFailsItsCountAndTheHook() {
        Channels channels = kit.channels().through(held::add);
        kit.close();
        CompletableFuture<Integer> count =
                channels.push("users:1", NEWS, new Count(1)).toCompletableFuture();
        assertThatThrownBy(this::release).isInstanceOf(IllegalStateException.class);
        assertThat(count).isCompletedExceptionally();
    }

    /** The hook decides about messages that it holds; the count of a sent one comes from the nodes. */
    @Test
    void aThreadMayWaitForACountOnceThePushIsSent() {
        Channels unanswered = (Channels) Proxy.newProxyInstance(
                Channels.class.getClassLoader(),
                new Class<?>[] {Channels.class},
                (self, method, arguments) -> method.isDefault()
                        ? InvocationHandler.invokeDefault(self, method, arguments)
                        : new CompletableFuture<Integer>());
        Channels channels = unanswered.through(new SendHook() {
            @Override
            public void send(Outgoing message) {
                held.add(message);
            }

            @Override
            public void checkMayWait() {
                throw new IllegalStateException("held");
            }
        });
        CompletableFuture<Integer> count =
                channels.push("users:1", NEWS, new Count(1)).toCompletableFuture();
        CompletableFuture<Integer> dependent = count.thenApply(n -> n + 1);
        assertThatIllegalStateException().isThrownBy(() -> count.get(0, TimeUnit.SECONDS));
        assertThatIllegalStateException().isThrownBy(() -> dependent.get(0, TimeUnit.SECONDS));
        release();
        assertThatThrownBy(() -> count.get(0, TimeUnit.SECONDS)).isInstanceOf(TimeoutException.class);
        assertThatThrownBy(() -> dependent.get(0, TimeUnit.SECONDS)).isInstanceOf(TimeoutException.class);
    }

    @Test
    void hooksGetThePrincipalOfTheLastToken() {
        TestClient client = kit.connect();
        client.join("room");
        assertThat(users).containsOnly("ann");
        users.clear();
        client.refresh("bo");
        client.join("room");
        assertThat(users).isNotEmpty().containsOnly("bo");
    }

    @Test
    void aSocketHasOneHook() {
        assertThatIllegalStateException()
                .isThrownBy(() -> UserSocket.open().sendHook(held::add).sendHook(held::add))
                .withMessage("The socket has a sendHook; it needs one only.");
    }

    @Test
    void rawPayloadsFollowTheRulesOfTheSocket() {
        Event<Raw> raw = Event.of("raw", Raw.class);
        Channel<Object, Empty> any = Channel.join(join -> Join.ok(Empty.EMPTY))
                .on(raw, (payload, in) -> in.push(raw, payload))
                .build();
        try (ChannelKit strict = ChannelKit.start(UserSocket.open()
                .channel("room", any)
                .rawPayloads(JsonProfile.I_JSON)
                .build())) {
            TestChannel ann = strict.connect().join("room");
            ann.push(raw, Raw.of("{\"a\":1,\"a\":2}"));
            ann.expectNothing(raw);
            ann.push(raw, Raw.of("{\"a\":1}"));
            ann.expect(raw);
        }
    }
}
