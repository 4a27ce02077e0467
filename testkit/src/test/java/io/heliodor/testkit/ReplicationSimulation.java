package io.heliodor.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Channels;
import io.heliodor.channel.Connect;
import io.heliodor.channel.ConnectOutcome;
import io.heliodor.channel.History;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Event;
import io.heliodor.group.Group;
import io.heliodor.group.Groups;
import io.heliodor.link.SessionLink;
import io.heliodor.node.wiring.Wiring;
import io.heliodor.presence.Presence;
import io.heliodor.token.Revocations;
import io.heliodor.token.Secret;
import io.heliodor.token.TokenOutcome;
import io.heliodor.token.Tokens;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * All that nodes replicate above their links, in one cluster with faults: presence with grace, histories, groups,
 * revocations, and the ends of connections and channels by id, while clients come, go and hop between nodes. One seed
 * decides on the settings, on all that happens, and on the order of the threads.
 */
final class ReplicationSimulation implements AutoCloseable {
    private static final int ROUNDS = 12;
    private static final int USERS = 6;
    private static final List<String> ROOMS = List.of("room:1", "room:2");
    private static final List<String> GROUPS = List.of("red", "blue");

    record Text(String node, int incarnation, int number) {}

    record Here(String node) {}

    static final Event<Text> SHOUT = Event.of("shout", Text.class);
    static final Event<Here> KICKED = Event.of("kicked", Here.class);

    /** A token of each user. */
    private static final Map<String, String> TOKENS = IntStream.range(0, USERS)
            .mapToObj(i -> "user " + i)
            .collect(Collectors.toUnmodifiableMap(user -> user, tokens().build()::sign));

    private static Tokens.Builder<String> tokens() {
        return Tokens.of(String.class, "socket").secrets(Secret.of("a secret of the tests, 32 bytes or more"));
    }

    /** The server of one incarnation of a node. */
    private record Server(ChannelKit kit, Presence<Here> presence, Groups groups, Revocations revocations)
            implements AutoCloseable {
        /** The users whose tokens it refuses. */
        Set<String> revoked() {
            Tokens<String> tokens =
                    tokens().revocable(revocations, user -> user).build();
            Set<String> revoked = new TreeSet<>();
            TOKENS.forEach((user, token) -> {
                if (tokens.verify(token) instanceof TokenOutcome.Revoked<String>) {
                    revoked.add(user);
                }
            });
            return revoked;
        }

        @Override
        public void close() {
            revocations.close();
            groups.close();
            kit.close();
            presence.close();
        }
    }

    /** A client in a room. The number of messages that its node had kept when it had joined. */
    private record Member(
            String node,
            String user,
            String room,
            TestClient client,
            TestChannel channel,
            boolean cameBack,
            int keptBefore) {
        boolean isOpen() {
            return !client.hasEnded() && !channel.ended();
        }
    }

    /** A member that a node has disconnected, kicked or removed from its room. */
    private record Evicted(Member member, String by, Duration at) {}

    /** A time that does not pass. Revocations have the time of the machine, and not of the kit. */
    private final Instant distant = Instant.now().plus(Duration.ofDays(10));

    private final Random random;
    private final ClusterKit cluster;
    private final Chaos chaos;
    private final NameClaims names;
    private final Map<String, Server> servers = new TreeMap<>();
    private final List<Server> dead = new ArrayList<>();
    private final Map<String, Integer> incarnations = new HashMap<>();
    private final Map<String, Integer> published = new HashMap<>();
    private final List<Member> members = new ArrayList<>();
    /** Those that were disconnected. */
    private final List<Evicted> evicted = new ArrayList<>();

    /** The users whose tokens nodes have revoked, each with the node that did. */
    private final Set<Map.Entry<String, String>> revoked = new HashSet<>();

    private final List<Map.Entry<String, Text>> last = new ArrayList<>();
    private final List<String> story = new ArrayList<>();
    private @Nullable String problem;

    ReplicationSimulation(long seed) {
        random = new Random(seed);
        cluster = ClusterKit.builder()
                .nodes("a@host", "b@host", "c@host")
                .seed(seed)
                .capacity(random.nextBoolean() ? SessionLink.CAPACITY : 16 << 10)
                .maxTopics(random.nextBoolean() ? Wiring.MAX_TOPICS : random.nextInt(2))
                .start();
        chaos = cluster.chaos(seed);
        names = new NameClaims(random);
        cluster.nodes().forEach(this::serve);
    }

    private void serve(String node) {
        Presence<Here> presence = Presence.builder(cluster.node(node).pubsub(), Here.class)
                .grace(Duration.ofMillis(500))
                .build();
        Channel<String, String> room = Channel.of(String.class)
                .join(join -> Join.ok(join.socket().assigns()))
                .onJoined(in -> presence.track(in, in.assigns(), new Here(node)))
                .history(History.of(10_000, Duration.ofHours(1), SHOUT))
                .build();
        UserSocket<String> socket = UserSocket.<String>connect(ReplicationSimulation::accept)
                .channel("room:*", room)
                .build();
        ChannelKit kit = ChannelKit.builder(socket)
                .node(cluster, node)
                .presence(presence)
                .deadline(Duration.ofSeconds(20))
                .start();
        servers.put(
                node,
                new Server(
                        kit,
                        presence,
                        Groups.over(cluster.node(node).pubsub()),
                        Revocations.over(cluster.node(node).pubsub())));
        int _ = incarnations.merge(node, 1, Integer::sum);
        published.put(node, 0);
        names.start(cluster.node(node));
    }

    private static ConnectOutcome<String> accept(Connect connect) {
        String user = connect.param("user").orElseThrow();
        return Connect.ok(user, user);
    }

    /**
     * Runs all rounds, and checks the end.
     *
     * @throws AssertionError if a check fails; its message has the story so far
     */
    void run() {
        try {
            runRounds();
        } catch (AssertionError e) {
            throw new AssertionError(
                    e.getMessage() + "\n" + problem + "\n" + String.join("\n", story) + "\n" + cluster, e);
        }
    }

    private void runRounds() {
        for (int round = 0; round < ROUNDS; round++) {
            followFault(chaos.next());
            for (int i = random.nextInt(12); i > 0; i--) {
                act();
            }
            cluster.advance(Duration.ofMillis(random.nextInt(8_000)));
        }
        // A disconnect reaches the nodes that can be reached within a minute.
        Duration late = cluster.elapsed().minusSeconds(20);
        spare(each -> each.at().compareTo(late) < 0);
        int before = chaos.done().size();
        chaos.end();
        chaos.done().subList(before, chaos.done().size()).forEach(this::tell);
        cluster.nodes().stream().filter(node -> !servers.containsKey(node)).forEach(this::serve);
        cluster.await(this::isWhole);
        servers.keySet()
                .forEach(node -> ROOMS.forEach(room -> {
                    publish(node, room);
                    last.add(Map.entry(room, new Text(node, incarnations.get(node), published.get(node))));
                }));
        // In the view that stays: a table that is made anew would hide what was wrong before.
        for (int i = 0; i < 4; i++) {
            servers.keySet().forEach(this::changeName);
        }
        cluster.await(() -> {
            problem = disagreement();
            return problem == null;
        });
        members.stream().filter(Member::isOpen).forEach(this::receivedAll);
    }

    private void followFault(String fault) {
        tell(fault);
        String[] words = fault.split(" ", -1);
        if (words[0].equals("crash")) {
            dead.add(servers.remove(words[1]));
            names.crashed(words[1]);
            // Its last disconnects and revocations may be lost with it.
            spare(each -> each.by().equals(words[1]));
            revoked.removeIf(each -> each.getValue().equals(words[1]));
            members.removeIf(member -> member.node().equals(words[1]));
            evicted.removeIf(each -> each.member().node().equals(words[1]));
        } else if (words[0].equals("restart")) {
            serve(words[1]);
        }
    }

    private void act() {
        List<String> running = servers.keySet().stream().filter(cluster::runs).toList();
        String node = any(running);
        switch (random.nextInt(19)) {
            case 0, 1, 2, 3 -> join(node, "user " + random.nextInt(USERS), any(ROOMS), null);
            case 4 -> leave(running);
            case 5 -> hop(running, node);
            case 6, 7, 8 -> {
                for (int i = random.nextInt(4); i >= 0; i--) {
                    publish(node, any(ROOMS));
                }
            }
            case 9 -> changeGroup(servers.get(node).groups());
            case 10, 11 -> evict(node);
            case 12, 13 -> loseOne(node);
            case 14 -> revoke(node);
            case 15, 16 -> changeName(node);
            default -> cluster.advance(Duration.ofMillis(random.nextInt(500)));
        }
    }

    /**
     * Loses one message of a node. It was refused, and the session goes on; or its packet is lost, which the link notices by
     * the next one, and ends the session.
     */
    private void loseOne(String from) {
        String to = any(
                cluster.nodes().stream().filter(other -> !other.equals(from)).toList());
        if (random.nextInt(4) == 0) {
            tell("the next packet is lost, from " + from + " to " + to);
            cluster.losePacket(from, to);
        } else {
            tell("the next message is refused, from " + from + " to " + to);
            cluster.refuseMessage(from, to);
        }
    }

    private void tell(String what) {
        story.add(cluster.elapsed().toMillis() + " " + what);
    }

    private <T> T any(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    private void join(String node, String user, String room, @Nullable TestChannel before) {
        tell(user + " joins " + room + " at " + node + (before == null ? "" : " again"));
        TestClient client = servers.get(node).kit().connect(Map.of("user", user));
        TestChannel channel;
        try {
            channel = before == null ? client.join(room) : client.rejoin(before);
        } catch (AssertionError e) {
            if (client.hasEnded() || e.getMessage().contains("removed")) {
                // A disconnect or removal of before has arrived.
                return;
            }
            throw e;
        }
        members.add(new Member(
                node,
                user,
                room,
                client,
                channel,
                before != null,
                kept(node, room).size()));
    }

    private void leave(List<String> running) {
        List<Member> here = open(running);
        if (!here.isEmpty()) {
            Member one = any(here);
            members.remove(one);
            tell(one.user() + " leaves " + one.node());
            if (random.nextBoolean()) {
                one.client().drop();
            } else {
                one.client().disconnect();
            }
        }
    }

    private void hop(List<String> running, String to) {
        List<Member> here = open(running);
        if (!here.isEmpty()) {
            Member one = any(here);
            members.remove(one);
            one.client().drop();
            join(to, one.user(), one.room(), one.channel());
        }
    }

    private List<Member> open(List<String> running) {
        return members.stream()
                .filter(member -> running.contains(member.node()) && member.isOpen())
                .toList();
    }

    private void publish(String node, String room) {
        int number = published.merge(node, 1, Integer::sum);
        Text text = new Text(node, incarnations.get(node), number);
        perform(() -> servers.get(node).kit().channels().broadcast(room, SHOUT, text));
    }

    /** Performs what may wait for the clock: a history that catches up first. */
    private void perform(Runnable work) {
        CompletableFuture<Object> done = cluster.async(Executors.callable(work));
        cluster.await(done::isDone);
        Object _ = done.join();
    }

    private void changeGroup(Groups groups) {
        String name = any(GROUPS);
        switch (random.nextInt(4)) {
            case 0 -> {
                boolean _ = groups.delete(name);
            }
            case 1 -> groups.ensure(name).remove(any(ROOMS));
            default -> groups.ensure(name).add(any(ROOMS));
        }
    }

    private void changeName(String node) {
        NameClaims.Change change = names.next(node);
        tell(change.toString());
        perform(() -> names.make(change));
    }

    /** Ends the connections of a user on all nodes, or those with a room only. Those that come later stay. */
    private void evict(String node) {
        // Mostly one that is there: a disconnect without connections checks nothing.
        List<Member> open = members.stream().filter(Member::isOpen).toList();
        boolean known = !open.isEmpty() && random.nextInt(4) > 0;
        Optional<Member> one = known ? Optional.of(any(open)) : Optional.empty();
        String user = one.map(Member::user).orElseGet(() -> "user " + random.nextInt(USERS));
        String room = one.map(Member::room).orElseGet(() -> any(ROOMS));
        int kind = random.nextInt(3);
        tell(node
                + switch (kind) {
                    case 0 -> " disconnects " + user;
                    case 1 -> " kicks " + user;
                    default -> " removes " + user + " from " + room;
                });
        List<Member> theirs = members.stream()
                .filter(member ->
                        member.user().equals(user) && (kind < 2 || member.room().equals(room)))
                .toList();
        Channels channels = servers.get(node).kit().channels();
        perform(() -> {
            switch (kind) {
                case 0 -> channels.disconnect(user);
                case 1 -> channels.kick(user, KICKED, new Here(node));
                default -> channels.remove(user, room);
            }
        });
        members.removeAll(theirs);
        theirs.forEach(member -> evicted.add(new Evicted(member, node, cluster.elapsed())));
    }

    /** Revokes the tokens of a user until a time that does not pass. */
    private void revoke(String node) {
        String user = "user " + random.nextInt(USERS);
        Instant until = distant.plus(Duration.ofHours(random.nextInt(100)));
        tell(node + " revokes the tokens of " + user);
        perform(() -> servers.get(node).revocations().revoke(user, until));
        revoked.add(Map.entry(user, node));
    }

    /** Disconnects that need not reach all nodes. */
    private void spare(Predicate<Evicted> which) {
        evicted.stream().filter(which).map(Evicted::member).forEach(members::add);
        evicted.removeIf(which);
    }

    /** The messages of all nodes after the faults. */
    private List<Text> lastOf(String room) {
        return last.stream()
                .filter(each -> each.getKey().equals(room))
                .map(Map.Entry::getValue)
                .toList();
    }

    private boolean isWhole() {
        return cluster.nodes().stream()
                .allMatch(node -> cluster.node(node).membership().peers().size() == 2);
    }

    /** The first thing on which nodes do not agree, or that is not as it should be; null if all is well. */
    private @Nullable String disagreement() {
        for (Evicted each : evicted) {
            Member member = each.member();
            if (member.isOpen()) {
                return member.user() + " is still connected at " + member.node();
            }
        }
        Map<String, Integer> expected = new TreeMap<>();
        members.stream()
                .filter(Member::isOpen)
                .forEach(member -> expected.merge(member.room() + " " + member.user(), 1, Integer::sum));
        Set<Object> groups = new HashSet<>();
        Set<Set<String>> refused = new HashSet<>();
        for (String node : cluster.nodes()) {
            Map<String, Integer> seen = new TreeMap<>();
            for (String room : ROOMS) {
                servers.get(node)
                        .presence()
                        .list(room)
                        .forEach((user, metas) -> seen.put(room + " " + user, metas.size()));
                if (!sorted(kept(node, room)).equals(sorted(kept("a@host", room)))) {
                    return "the history of " + room + " at " + node + ": " + kept(node, room) + "\n at a@host: "
                            + kept("a@host", room);
                }
            }
            if (!seen.equals(expected)) {
                return "present at " + node + ": " + seen + "\n expected: " + expected;
            }
            Map<String, Set<String>> topics = new TreeMap<>();
            Groups here = servers.get(node).groups();
            here.names()
                    .forEach(name -> topics.put(
                            name,
                            new TreeSet<>(here.find(name).map(Group::topics).orElse(Set.of()))));
            groups.add(topics);
            refused.add(servers.get(node).revoked());
        }
        if (refused.size() > 1
                || !refused.iterator()
                        .next()
                        .containsAll(revoked.stream().map(Map.Entry::getKey).toList())) {
            return "revoked: " + revoked + "\n at the nodes: " + refused;
        }
        return groups.size() == 1 ? names.disagreement() : "groups: " + groups;
    }

    private List<Text> kept(String node, String room) {
        return servers.get(node).kit().channels().newest(room, 10_000).messages().reversed().stream()
                .map(message -> message.as(SHOUT).orElseThrow())
                .toList();
    }

    private static List<String> sorted(List<Text> texts) {
        return texts.stream().map(Text::toString).sorted().toList();
    }

    /**
     * A member has each message of the log since its join, once, and in the order of the log of its node. One that came
     * back from another node has some of them from there: it has none twice, and the last ones of all nodes.
     */
    private void receivedAll(Member member) {
        List<Text> kept = kept(member.node(), member.room());
        if (member.cameBack()) {
            Set<Text> seen = new HashSet<>();
            Set<Text> missing = new HashSet<>(lastOf(member.room()));
            while (!missing.isEmpty()) {
                Text next = member.channel().expectNext(SHOUT);
                assertThat(seen.add(next)).as("%s is new for %s", next, member).isTrue();
                missing.remove(next);
            }
            return;
        }
        Text first = member.channel().expectNext(SHOUT);
        int at = kept.indexOf(first);
        assertThat(at).as("the first message of %s in %s", member, kept).isBetween(0, member.keptBefore());
        for (Text next : kept.subList(at + 1, kept.size())) {
            assertThat(member.channel().expectNext(SHOUT))
                    .as("after %s of %s", first, member)
                    .isEqualTo(next);
            first = next;
        }
    }

    @Override
    public void close() {
        servers.values().forEach(Server::close);
        dead.forEach(Server::close);
        cluster.close();
    }
}
