package io.heliodor.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.Stream;

/**
 * A step of a {@link ReplicationSimulation}: of an application, a client, the network or the time. All are drawn before the first one
 * runs. The numbers of nodes and members choose among those that there are when it runs, so a step needs no other one.
 */
sealed interface Step {
    int ROUNDS = 12;
    int USERS = 6;
    List<String> ROOMS = List.of("room:1", "room:2");

    /** A fault or a recovery, which {@link Chaos} draws from a seed. */
    record Fault(long seed) implements Step {}

    record Join(int node, String user, String room) implements Step {}

    record Leave(int member, boolean drops) implements Step {}

    /** A member loses its connection, and comes back at a node. */
    record Hop(int member, int node) implements Step {}

    /** A member changes the meta of its presence. */
    record ChangeMood(int member, int mood) implements Step {}

    /** A node publishes a message in each of these rooms. */
    record Publish(int node, List<String> rooms) implements Step {}

    record ChangeGroup(int node, GroupChange change) implements Step {}

    /**
     * A node begins a subscription to a topic, or ends its one.
     *
     * @param again whether it begins another one when it has ended one
     */
    record Subscribe(int node, String topic, boolean again) implements Step {}

    /** A node publishes a message to the subscriptions of a topic. */
    record Speak(int node, String topic) implements Step {}

    /** The ways to end the connections or channels of a user on all nodes. */
    enum Eviction {
        DISCONNECT,
        KICK,
        REMOVE
    }

    /**
     * A node evicts a user.
     *
     * @param member one whose user and room it evicts; empty for those given
     */
    record Evict(int node, Eviction kind, OptionalInt member, String user, String room) implements Step {}

    /** A node revokes the tokens of a user. */
    record Revoke(int node, String user, int hours) implements Step {}

    /** The next message from a node is refused as by a full queue, or its next packet is lost. */
    record Lose(int from, int to, boolean packet) implements Step {}

    record ChangeName(int node, int name, boolean registers) implements Step {}

    record Pass(Duration time) implements Step {}

    /** Draws the steps of a simulation. */
    static List<Step> draw(Random random) {
        List<Step> steps = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            steps.add(new Fault(random.nextLong()));
            Stream.generate(() -> next(random)).limit(random.nextInt(14)).forEach(steps::add);
            steps.add(new Pass(Duration.ofMillis(random.nextInt(8_000))));
        }
        return steps;
    }

    private static Step next(Random random) {
        int node = any(random);
        return switch (random.nextInt(24)) {
            case 0, 1, 2, 3 -> new Join(node, user(random), any(random, ROOMS));
            case 4 -> new Leave(any(random), random.nextBoolean());
            case 5 -> new Hop(any(random), node);
            case 6 -> new ChangeMood(any(random), random.nextInt(100));
            case 7, 8, 9 ->
                new Publish(
                        node,
                        Stream.generate(() -> any(random, ROOMS))
                                .limit(1 + random.nextInt(4))
                                .toList());
            case 10 -> new ChangeGroup(node, GroupChange.draw(random, GroupChange.GROUPS));
            case 11, 12 -> {
                Eviction kind = any(random, List.of(Eviction.values()));
                // Mostly one that is there: a disconnect without connections checks nothing.
                OptionalInt member = random.nextInt(4) > 0 ? OptionalInt.of(any(random)) : OptionalInt.empty();
                yield new Evict(node, kind, member, user(random), any(random, ROOMS));
            }
            case 13, 14 -> new Lose(node, any(random), random.nextInt(4) == 0);
            case 15 -> new Revoke(node, user(random), random.nextInt(100));
            case 16, 17 -> drawName(random, node);
            case 18, 19, 20 -> new Subscribe(node, any(random, SimulatedWords.TOPICS), random.nextBoolean());
            case 21 -> new Speak(node, any(random, SimulatedWords.TOPICS));
            default -> new Pass(Duration.ofMillis(random.nextInt(500)));
        };
    }

    /** Draws a change of a name. */
    static ChangeName drawName(Random random, int node) {
        return new ChangeName(node, any(random), random.nextInt(3) > 0);
    }

    private static String user(Random random) {
        return "user " + random.nextInt(USERS);
    }

    private static int any(Random random) {
        return random.nextInt(1_000_000);
    }

    static <T> T any(Random random, List<T> of) {
        return of.get(random.nextInt(of.size()));
    }
}
