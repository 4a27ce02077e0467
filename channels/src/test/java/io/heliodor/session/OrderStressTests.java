package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Context;
import io.heliodor.channel.Join;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.Reply;
import io.heliodor.channel.Stop;
import io.heliodor.event.Event;
import io.heliodor.limit.Limits;
import io.heliodor.session.telemetry.Counter;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** The orders of a topic while several threads write to it, on two loops with threads of their own. */
class OrderStressTests {
    private static final int ROUNDS = 300;
    private static final Event<Chat.Amount> PUSH = Event.of("push", Chat.Amount.class);
    private static final Pattern NUMBER = Pattern.compile(".*\"(count|push)\",\\{\"number\":(\\d+)}]");

    @AutoClose
    private final TestServer server =
            new TestServer(Limits.openInternet(), List.of(TestLoop.started(), TestLoop.started()));

    @AutoClose
    private final ExecutorService threads = Executors.newCachedThreadPool();

    private final AtomicBoolean over = new AtomicBoolean();

    @Test
    void theJoinReplyComesFirstAndNoBroadcastAfterItIsLost() throws Exception {
        server.serve(
                "room:*",
                Channel.join(join -> Join.ok("a"))
                        .on(Chat.GO, (nothing, room) -> Stop.because("enough"))
                        .on(Chat.SAY, (text, room) -> {
                            throw new IllegalStateException(text.text());
                        })
                        .build());
        Client other = server.connectTo(0);
        other.joins("1", "room:42");
        other.isCareless();
        Future<?> broadcaster = threads.submit(() -> {
            for (int i = 0; !over.get(); i++) {
                server.hub.channels().broadcast("room:42", Chat.COUNT, new Chat.Amount(i));
                keepUp(other, i);
            }
        });
        List<Client> clients =
                List.of(server.connectTo(0), server.connectTo(0), server.connectTo(1), server.connectTo(1));
        var random = new Random(42);
        for (int round = 0; round < ROUNDS; round++) {
            String ref = "" + round;
            for (Client client : clients) {
                client.sends("['%s','%s','room:42','phx_join',{}]".formatted(ref, ref));
            }
            for (Client client : clients) {
                int seen = random.nextInt(20);
                server.await(() -> client.untaken() > seen, client::toString);
                switch (random.nextInt(3)) {
                    case 0 -> client.sends("['%s',null,'room:42','phx_leave',{}]".formatted(ref));
                    case 1 -> client.sends("['%s',null,'room:42','go',{}]".formatted(ref));
                    default -> client.sends("['%s',null,'room:42','say',{'text':'x'}]".formatted(ref));
                }
            }
            for (Client client : clients) {
                checkOrder(client, ref);
            }
        }
        over.set(true);
        broadcaster.get();
        server.settle();
        clients.forEach(client -> assertThat(client.received()).isEmpty());
    }

    /** Lets a member catch up, so that no client waits for all broadcasts of the meantime. */
    private void keepUp(Client other, int broadcasts) {
        while (broadcasts - other.messagesTaken() > 200 && !over.get()) {
            LockSupport.parkNanos(1_000);
        }
    }

    /** Checks for a reply, consecutive numbers, a close or error, and nothing after it. */
    private static void checkOrder(Client client, String ref) {
        assertThat(client.next())
                .isEqualTo("[\"%s\",\"%s\",\"room:42\",\"phx_reply\",{\"status\":\"ok\",\"response\":{}}]"
                        .formatted(ref, ref));
        long expected = -1;
        while (true) {
            String message = client.next();
            Matcher number = NUMBER.matcher(message);
            if (number.matches()) {
                long n = Long.parseLong(number.group(2));
                assertThat(n).as(message).isEqualTo(expected < 0 ? n : expected);
                expected = n + 1;
            } else if (message.equals(
                    "[\"%s\",null,\"room:42\",\"phx_reply\",{\"status\":\"ok\",\"response\":{}}]".formatted(ref))) {
                assertThat(client.next()).contains("phx_close");
                return;
            } else {
                assertThat(message).startsWith("[\"%s\",\"%s\",\"room:42\",\"phx_".formatted(ref, ref));
                assertThat(message).containsAnyOf("phx_close", "phx_error");
                return;
            }
        }
    }

    @Test
    void nothingOfAChannelComesAfterItsEndFromAnyWriter() throws Exception {
        var present = new AtomicReference<Context<?, String>>();
        server.serve(
                "room:*",
                Channel.join(join -> Join.ok("a")).onJoined(present::set).build());
        List<Future<?>> writers = new ArrayList<>();
        for (int writer = 0; writer < 2; writer++) {
            writers.add(threads.submit(() -> {
                while (!over.get()) {
                    Context<?, String> room = present.get();
                    for (int i = 0; i < 10 && room != null; i++) {
                        room.push(PUSH, new Chat.Amount(i));
                        room.broadcast(Chat.COUNT, new Chat.Amount(i));
                    }
                    LockSupport.parkNanos(50_000);
                }
            }));
        }
        Client client = server.connectTo(0);
        for (int round = 0; round < ROUNDS; round++) {
            String ref = "" + round;
            client.sends("['%s','%s','room:42','phx_join',{}]".formatted(ref, ref));
            server.await(() -> client.untaken() > 10, client::toString);
            client.sends("['%s',null,'room:42','phx_leave',{}]".formatted(ref));
            String message = client.next();
            assertThat(message).contains("phx_reply");
            while (!message.contains("phx_close")) {
                message = client.next();
                assertThat(message).doesNotContain("phx_error");
            }
            assertThat(client.received()).as("messages after the close").isEmpty();
        }
        over.set(true);
        for (Future<?> writer : writers) {
            writer.get();
        }
        assertThat(server.count(Counter.WRITES_AFTER_END)).isPositive();
    }

    @Test
    void aMemberGetsItsOwnBroadcastThoughTheTopicComesAndGoes() {
        server.serve(
                "room:*",
                Channel.join(join -> Join.ok(join.payload(Chat.Amount.class)))
                        .onJoined(room -> room.broadcast(Chat.COUNT, room.assigns()))
                        .build());
        List<Client> clients = List.of(server.connectTo(0), server.connectTo(1));
        for (int round = 0; round < ROUNDS * 2; round++) {
            String ref = "" + round;
            for (int i = 0; i < clients.size(); i++) {
                clients.get(i).sends("['%s','%s','room:42','phx_join',{'number':%d}]".formatted(ref, ref, i));
            }
            for (int i = 0; i < clients.size(); i++) {
                String own = "[null,null,\"room:42\",\"count\",{\"number\":%d}]".formatted(i);
                Client client = clients.get(i);
                server.await(() -> client.received().contains(own), client::toString);
                client.sends("['%s','%s','room:42','phx_leave',{}]".formatted(ref, ref));
            }
            for (Client client : clients) {
                server.await(() -> client.received().getLast().contains("phx_close"), client::toString);
                client.forgets();
            }
        }
    }

    @Test
    void theWritesOfOneHandlerKeepTheirOrderAmongThoseOfOthers() throws Exception {
        var random = new Random(7);
        var seeds = new ConcurrentLinkedQueue<Long>();
        server.serve(
                "room:*",
                Channel.join(join -> Join.ok(0))
                        .answer(Chat.ADD, (input, room) -> {
                            var choice = new Random(input.number());
                            int count = room.assigns();
                            for (int i = 0; i < 20; i++) {
                                var next = new Chat.Amount(count++);
                                NoReply written =
                                        choice.nextBoolean() ? room.push(PUSH, next) : room.broadcast(PUSH, next);
                                assertThat(written).isEqualTo(NoReply.none());
                            }
                            room.assign(count + 1);
                            return Reply.ok(new Chat.Amount(count));
                        })
                        .build());
        List<Client> noise = List.of(server.connectTo(0), server.connectTo(1));
        List<Client> clients = List.of(server.connectTo(0), server.connectTo(0), server.connectTo(1));
        for (int i = 0; i < clients.size(); i++) {
            String topic = "room:" + i;
            clients.get(i).joins("3", topic);
            noise.forEach(client -> client.joins(topic, topic));
        }
        noise.forEach(Client::isCareless);
        for (int round = 0; round < ROUNDS / 4; round++) {
            for (int i = 0; i < clients.size(); i++) {
                int seed = random.nextInt(1_000_000);
                seeds.add((long) seed);
                clients.get(i).sends("['3','8','room:%d','add',{'number':%d}]".formatted(i, seed));
            }
        }
        Pattern any = Pattern.compile(".*\\{\"number\":(\\d+)}}?]");
        for (Client client : clients) {
            for (int expected = 0; expected < ROUNDS / 4 * 21; expected++) {
                Matcher number = any.matcher(client.next());
                assertThat(number.matches()).as(number.toString()).isTrue();
                assertThat(Integer.parseInt(number.group(1)))
                        .as("seeds %s", seeds)
                        .isEqualTo(expected);
            }
        }
    }
}
