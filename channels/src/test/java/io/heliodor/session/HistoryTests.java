package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.LeaveReason;
import io.heliodor.channel.Stop;
import io.heliodor.limit.Limits;
import io.heliodor.session.telemetry.Counter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Long sequences: joins, leaves, refusals, crashes, stops, replacements and disconnects in random orders. Whatever the
 * order, each channel that accepted a join has its leave hooks run exactly once, and nothing of it is left;
 * {@link TestServer#close} checks the latter.
 */
class HistoryTests {
    private static final int CLIENTS = 4;
    private static final List<String> TOPICS = List.of("room:a", "room:b", "room:c");

    /** Joined channels that have not left, by a number of their own; and how often the hooks of the others ran. */
    private final Map<Integer, AtomicInteger> hooks = new ConcurrentHashMap<>();

    private final AtomicInteger joined = new AtomicInteger();
    private final Map<Class<?>, Integer> reasons = new ConcurrentHashMap<>();

    private Channel<Object, Integer> room() {
        return Channel.join(join -> {
                    String how = join.payload(Chat.Text.class).text();
                    if (how.equals("refuse")) {
                        return Join.refuse("no");
                    }
                    if (how.equals("crash")) {
                        throw new IllegalStateException("no");
                    }
                    int number = joined.incrementAndGet();
                    hooks.put(number, new AtomicInteger());
                    return Join.ok(number);
                })
                .on(Chat.SAY, (text, room) -> switch (text.text()) {
                    case "stop" -> Stop.because("enough");
                    case "crash" -> throw new IllegalStateException("crash");
                    default -> {
                        room.broadcastFrom(Chat.SHOUT, text);
                        yield room.push(Chat.SAY, text);
                    }
                })
                .onLeave((why, room) -> {
                    hooks.get(room.assigns()).incrementAndGet();
                    reasons.merge(why.getClass(), 1, Integer::sum);
                })
                .build();
    }

    private void checkHooks() {
        assertThat(hooks).hasSize(joined.get());
        assertThat(hooks)
                .allSatisfy((number, ran) ->
                        assertThat(ran).as("leave hooks of %d", number).hasValue(1));
    }

    /** One step after the other: a model has the expected replies and members. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void stepsInSequenceHaveTheResultsOfTheModel(long seed) {
        var random = new Random(seed);
        try (var server = new TestServer(Limits.openInternet().sessions(s -> s.maxChannels(2)))) {
            server.serve("room:*", room());
            Client[] clients = new Client[CLIENTS];
            List<Map<String, String>> model = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                clients[i] = server.connectAs("users:" + i % 2);
                model.add(new HashMap<>());
            }
            for (int step = 1; step <= 500; step++) {
                int who = random.nextInt(CLIENTS);
                String topic = TOPICS.get(random.nextInt(TOPICS.size()));
                step(server, clients, model, who, topic, "" + step, random.nextInt(13));
                int members = model.stream().mapToInt(Map::size).sum();
                server.awaitCount(Counter.CHANNELS, members);
                long topics = model.stream()
                        .flatMap(each -> each.keySet().stream())
                        .distinct()
                        .count();
                server.await(() -> server.hub.topics() == topics, () -> server.hub.topics() + " instead of " + topics);
            }
        }
        checkHooks();
        assertThat(reasons.keySet())
                .containsExactlyInAnyOrder(
                        LeaveReason.Left.class,
                        LeaveReason.Stopped.class,
                        LeaveReason.Failed.class,
                        LeaveReason.Replaced.class,
                        LeaveReason.Disconnected.class,
                        LeaveReason.Closed.class);
    }

    private static void step(
            TestServer server,
            Client[] clients,
            List<Map<String, String>> model,
            int who,
            String topic,
            String ref,
            int what) {
        Client client = clients[who];
        Map<String, String> mine = model.get(who);
        Optional<String> joinRef = Optional.ofNullable(mine.get(topic));
        String reply = "['%s','%s','%s','phx_reply',{'status':'%s','response':%s}]";
        String unmatched = "[null,'%s','%s','phx_reply',{'status':'error','response':{'reason':'unmatched topic'}}]"
                .formatted(ref, topic);
        switch (what) {
            case 0, 1, 2, 3, 4 -> {
                String how = what == 0 ? "refuse" : what == 1 ? "crash" : "ok";
                client.sends("['%s','%s','%s','phx_join',{'text':'%s'}]".formatted(ref, ref, topic, how));
                if (joinRef.isEmpty() && mine.size() == 2) {
                    client.receives(reply.formatted(ref, ref, topic, "error", "{'reason':'too many channels joined'}"));
                    return;
                }
                joinRef.ifPresent(old -> client.receives("['%s','%s','%s','phx_close',{}]".formatted(old, old, topic)));
                mine.remove(topic);
                switch (how) {
                    case "refuse" -> client.receives(reply.formatted(ref, ref, topic, "error", "{'reason':'no'}"));
                    case "crash" ->
                        client.receives(reply.formatted(ref, ref, topic, "error", "{'reason':'join crashed'}"));
                    default -> {
                        client.receives(reply.formatted(ref, ref, topic, "ok", "{}"));
                        mine.put(topic, ref);
                    }
                }
                // The old channel's hooks run on their own time; the limit of such channels is not tested here.
                server.await(() -> client.session().table().running() == mine.size(), client::toString);
            }
            case 5, 6 -> {
                client.sends("[null,'%s','%s','phx_leave',{}]".formatted(ref, topic));
                joinRef.ifPresentOrElse(
                        own -> client.receives(
                                reply.formatted(own, ref, topic, "ok", "{}"),
                                "['%s','%s','%s','phx_close',{}]".formatted(own, own, topic)),
                        () -> client.receives(
                                "[null,'%s','%s','phx_reply',{'status':'ok','response':{}}]".formatted(ref, topic)));
                mine.remove(topic);
            }
            case 7, 8, 9 -> {
                String how = what == 7 ? "stop" : what == 8 ? "crash" : "shout";
                client.sends("[null,'%s','%s','say',{'text':'%s'}]".formatted(ref, topic, how));
                if (joinRef.isEmpty()) {
                    client.receives(unmatched);
                    return;
                }
                switch (how) {
                    case "stop" ->
                        client.receives(
                                "['%s','%s','%s','phx_close',{}]".formatted(joinRef.get(), joinRef.get(), topic));
                    case "crash" ->
                        client.receives("['%s','%s','%s','phx_error',{'reason':'channel_crash'}]"
                                .formatted(joinRef.get(), joinRef.get(), topic));
                    default -> {
                        for (int i = 0; i < CLIENTS; i++) {
                            if (i != who && model.get(i).containsKey(topic)) {
                                clients[i].receives("[null,null,'%s','shout',{'text':'shout'}]".formatted(topic));
                            }
                        }
                        client.receives("['%s',null,'%s','say',{'text':'shout'}]".formatted(joinRef.get(), topic));
                        return;
                    }
                }
                mine.remove(topic);
            }
            case 10 -> {
                client.drops();
                mine.clear();
                clients[who] = server.connectAs("users:" + who % 2);
            }
            case 11 -> {
                server.hub.channels().disconnect("users:" + who % 2);
                for (int i = who % 2; i < CLIENTS; i += 2) {
                    clients[i].isClosedWith(1001);
                    model.get(i).clear();
                    clients[i] = server.connectAs("users:" + i % 2);
                }
            }
            default -> {
                client.sends("['stale','%s','%s','phx_leave',{}]".formatted(ref, topic));
                if (joinRef.isEmpty()) {
                    client.receives(
                            "['stale','%s','%s','phx_reply',{'status':'ok','response':{}}]".formatted(ref, topic));
                }
            }
        }
    }

    /** No step waits for another: two loops, and the steps overtake each other. */
    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13, 14, 15})
    void concurrentStepsLeaveNothingBehind(long seed) {
        var random = new Random(seed);
        try (var server = new TestServer(Limits.openInternet(), List.of(TestLoop.started(), TestLoop.started()))) {
            server.serve("room:*", room());
            Client[] clients = new Client[CLIENTS];
            for (int i = 0; i < CLIENTS; i++) {
                clients[i] = connect(server, i);
            }
            for (int step = 1; step <= 1_500; step++) {
                int who = random.nextInt(CLIENTS);
                Client client = clients[who];
                String topic = TOPICS.get(random.nextInt(TOPICS.size()));
                String frame = "[null,'%d','%s','%s',{'text':'%s'}]";
                switch (random.nextInt(14)) {
                    case 0 -> client.sends(frame.formatted(step, topic, "phx_join", "refuse"));
                    case 1 -> client.sends(frame.formatted(step, topic, "phx_join", "crash"));
                    case 2, 3, 4, 5 -> client.sends(frame.formatted(step, topic, "phx_join", "ok"));
                    case 6, 7 -> client.sends(frame.formatted(step, topic, "phx_leave", ""));
                    case 8 -> client.sends(frame.formatted(step, topic, "say", "stop"));
                    case 9 -> client.sends(frame.formatted(step, topic, "say", "crash"));
                    case 10 -> client.sends(frame.formatted(step, topic, "say", "shout"));
                    case 11 -> server.hub.channels().broadcast(topic, Chat.SHOUT, new Chat.Text("all"));
                    case 12 -> {
                        client.drops();
                        clients[who] = connect(server, who);
                    }
                    default -> {
                        server.hub.channels().disconnect("users:" + who % 3);
                        client.drops();
                        clients[who] = connect(server, who);
                    }
                }
            }
        }
        checkHooks();
    }

    private static Client connect(TestServer server, int who) {
        Client client = server.connect("nothing", Optional.of("users:" + who % 3), who % 2);
        client.isCareless();
        return client;
    }

    @Test
    void aMillionTopicsWouldLeaveNothingBehind() {
        try (var server = new TestServer()) {
            server.serve("room:*", room());
            Client client = server.connect();
            client.isCareless();
            for (int i = 0; i < 5_000; i++) {
                client.sends(
                        "['%d','%d','room:%d','phx_join',{'text':'ok'}]".formatted(i, i, i),
                        "['%d',null,'room:%d','phx_leave',{}]".formatted(i, i));
                int most = 50;
                server.await(() -> client.session().table().running() < most, client::toString);
            }
        }
        checkHooks();
    }
}
