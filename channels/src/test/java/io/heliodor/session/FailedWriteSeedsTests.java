package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.History;
import io.heliodor.channel.Join;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.Reply;
import io.heliodor.channel.SlowPolicy;
import io.heliodor.event.Empty;
import io.heliodor.limit.Limits;
import io.heliodor.presence.Presence;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Random actions of clients on two lanes, in which each buffer fails to be allocated at random. No client gets a
 * message after a gap. A client that missed one is closed with 1013, and all others get later messages. Nothing is left
 * of any client.
 *
 * <p>{@code -Dheliodor.write.seeds=10000} runs more of them, {@code -Dheliodor.write.seed=17} only that one.
 */
class FailedWriteSeedsTests {
    private static final int STEPS = 60;
    private static final List<String> TOPICS = List.of("room:1", "room:2", "kept:1");

    @Test
    void noClientGetsAMessageAfterAGapAndNothingIsLeft() {
        Long one = Long.getLong("heliodor.write.seed");
        long[] seeds = one == null
                ? LongStream.rangeClosed(1, Long.getLong("heliodor.write.seeds", 300))
                        .toArray()
                : new long[] {one};
        long closed = 0;
        for (long seed : seeds) {
            try {
                closed += new Scenario(seed).play();
            } catch (Throwable e) {
                throw new AssertionError("-Dheliodor.write.seed=" + seed, e);
            }
        }
        assertThat(closed).as("closed clients of all seeds").isGreaterThan(seeds.length / 2);
    }

    /** A client and its joined channels: the join_ref by topic. */
    private static final class Person {
        final Client client;
        final Map<String, Integer> joined = new TreeMap<>();

        /** The refs of its calls on a channel, by the channel's join_ref. */
        final Map<Integer, List<Integer>> calls = new HashMap<>();

        Person(Client client) {
            this.client = client;
            client.isCareless();
        }

        boolean isOpen() {
            return !client.closed();
        }
    }

    private static final class Scenario {
        private final Random random;
        private final TestServer server;
        private final Presence<String> presence;
        private final List<TestLoop> loops = List.of(TestLoop.byHand(), TestLoop.byHand());
        private final List<Person> people = new ArrayList<>();
        private final List<Person> gone = new ArrayList<>();
        private final Map<String, Integer> published = new HashMap<>();
        private int refs;

        Scenario(long seed) {
            random = new Random(seed);
            server = new TestServer(Limits.openInternet().sessions(s -> s.idleTimeout(Duration.ofDays(1))), loops);
            presence = Presence.over(server.pubsub, String.class);
            server.serve("room:*", channel().build());
            server.serve(
                    "kept:*",
                    channel()
                            .history(History.of(20, Duration.ofMinutes(1), Chat.SAY))
                            .build());
        }

        private Channel.Builder<Object, Empty> channel() {
            return Channel.join(join -> Join.ok(Empty.EMPTY))
                    .onJoined(room -> presence.track(room, "someone", "web"))
                    .whenSlow(Chat.COUNT, SlowPolicy.drop())
                    .answer(Chat.PING, (nothing, room) -> Reply.ok())
                    .on(Chat.GO, (nothing, room) -> {
                        room.broadcastFrom(Chat.SHOUT, new Chat.Text("from"));
                        return NoReply.none();
                    });
        }

        long play() {
            try (server) {
                double chance = random.nextInt(4) * 0.02 + 0.01;
                loops.forEach(loop -> loop.failsToAllocate(() -> random.nextDouble() < chance));
                for (int i = 0; i < STEPS; i++) {
                    step();
                }
                loops.forEach(loop -> loop.failsToAllocate(() -> false));
                end();
                people.forEach(this::check);
                gone.forEach(this::check);
                people.forEach(person -> person.client.drops());
                TOPICS.forEach(
                        topic -> server.await(() -> presence.count(topic) == 0, () -> "no presence in " + topic));
                return people.stream().filter(person -> !person.isOpen()).count();
            }
        }

        private void step() {
            switch (random.nextInt(12)) {
                case 0 -> people.add(new Person(server.connectTo(random.nextInt(2))));
                case 1, 2 -> join(anyone(), TOPICS.get(random.nextInt(TOPICS.size())));
                case 3, 4, 5 -> publish(TOPICS.get(random.nextInt(TOPICS.size())));
                case 6 -> call(anyone());
                case 7 -> sendEvent(anyone(), "go");
                case 8 -> leave(anyone());
                case 9 -> holdUp(anyone());
                case 10 ->
                    server.hub.channels().broadcast(TOPICS.get(random.nextInt(2)), Chat.COUNT, new Chat.Amount(1));
                default -> loops.forEach(TestLoop::step);
            }
        }

        private Person anyone() {
            if (people.isEmpty()) {
                people.add(new Person(server.connectTo(0)));
            }
            return people.get(random.nextInt(people.size()));
        }

        private void join(Person person, String topic) {
            if (!person.joined.containsKey(topic)) {
                int ref = ++refs;
                person.joined.put(topic, ref);
                person.calls.put(ref, new ArrayList<>());
                person.client.sends("['%d','%d','%s','phx_join',{}]".formatted(ref, ref, topic));
            }
        }

        private void publish(String topic) {
            int number = published.merge(topic, 1, Integer::sum);
            server.hub.channels().broadcast(topic, Chat.SAY, new Chat.Text("" + number));
        }

        private void call(Person person) {
            person.joined.forEach((topic, joinRef) -> {
                int ref = ++refs;
                person.calls.get(joinRef).add(ref);
                person.client.sends("['%d','%d','%s','ping',{}]".formatted(joinRef, ref, topic));
            });
        }

        private static void sendEvent(Person person, String event) {
            person.joined.forEach((topic, joinRef) ->
                    person.client.sends("['%d',null,'%s','%s',{}]".formatted(joinRef, topic, event)));
        }

        private void leave(Person person) {
            if (random.nextBoolean() && !person.joined.isEmpty()) {
                String topic = person.joined.keySet().iterator().next();
                int joinRef = person.joined.remove(topic);
                person.client.sends("['%d','%d','%s','phx_leave',{}]".formatted(joinRef, ++refs, topic));
            } else if (random.nextInt(4) == 0) {
                person.client.drops();
                people.remove(person);
                gone.add(person);
            }
        }

        private void holdUp(Person person) {
            if (random.nextBoolean()) {
                person.client.stopsTaking();
            } else {
                person.client.takesAgain();
            }
        }

        /** Each connected client gets the messages that come now. */
        private void end() {
            people.forEach(person -> person.client.takesAgain());
            people.forEach(this::call);
            people.forEach(person -> person.joined.forEach((topic, joinRef) -> awaits(
                    person,
                    "[\"%d\",\"%d\","
                            .formatted(joinRef, person.calls.get(joinRef).getLast()))));
            TOPICS.forEach(this::publish);
            people.forEach(person -> person.joined.forEach((topic, joinRef) ->
                    awaits(person, "\"%s\",\"say\",{\"text\":\"%d\"}]".formatted(topic, published.get(topic)))));
        }

        private void awaits(Person person, String part) {
            server.await(
                    () -> !person.isOpen()
                            || person.client.received().stream().anyMatch(message -> message.contains(part)),
                    () -> "%s for %s".formatted(part, person.client));
        }

        private void check(Person person) {
            if (!person.isOpen()) {
                person.client.isClosedWith(1013);
            }
            Map<String, Integer> numbers = new HashMap<>();
            for (String message : person.client.received()) {
                String[] parts = message.substring(1).split(",", 5);
                String topic = parts[2];
                if (parts[3].equals("\"phx_reply\"") && parts[0].equals(parts[1])) {
                    numbers.remove(topic);
                } else if (parts[3].equals("\"say\"")) {
                    int number = Integer.parseInt(parts[4].replaceAll("\\D", ""));
                    Integer before = numbers.put(topic, number);
                    assertThat(before == null || before == number - 1)
                            .as("%s after %s in %s of %s", number, before, topic, person.client)
                            .isTrue();
                }
            }
            person.calls.forEach((joinRef, refs) -> {
                List<Integer> answered = person.client.received().stream()
                        .map(message -> message.substring(1).split(",", 5))
                        .filter(parts -> parts[3].equals("\"phx_reply\"")
                                && parts[0].equals("\"" + joinRef + "\"")
                                && refs.contains(Integer.valueOf(parts[1].replace("\"", ""))))
                        .map(parts -> Integer.valueOf(parts[1].replace("\"", "")))
                        .toList();
                assertThat(answered)
                        .as("replies on %s of %s", joinRef, person.client)
                        .isEqualTo(refs.subList(0, answered.size()));
            });
        }
    }
}
