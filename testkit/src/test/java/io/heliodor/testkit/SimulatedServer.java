package io.heliodor.testkit;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.ConnectOutcome;
import io.heliodor.channel.History;
import io.heliodor.channel.Join;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Event;
import io.heliodor.group.Group;
import io.heliodor.group.Groups;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.PubSub;
import io.heliodor.token.Revocations;
import io.heliodor.token.Secret;
import io.heliodor.token.TokenOutcome;
import io.heliodor.token.Tokens;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The server of one incarnation of a node in a {@link ReplicationSimulation}, with all that it replicates. */
final class SimulatedServer implements AutoCloseable {
    /** A message of the history of a room. */
    record Text(String node, int incarnation, int number) {}

    record Mood(int mood) {}

    /** The meta of a presence. */
    record Here(String node, int mood) {}

    static final Event<Text> SHOUT = Event.of("shout", Text.class);
    static final Event<Mood> MOOD = Event.of("mood", Mood.class);

    /** A token of each user. */
    private static final Map<String, String> TOKENS = IntStream.range(0, Step.USERS)
            .mapToObj(i -> "user " + i)
            .collect(Collectors.toUnmodifiableMap(user -> user, tokens().build()::sign));

    private final String node;
    private final int incarnation;
    private final PubSub pubsub;
    private final Presence<Here> presence;
    private final ChannelKit kit;
    private final Groups groups;
    private final Revocations revocations;
    private int published;

    SimulatedServer(ClusterKit cluster, String node, int incarnation) {
        this.node = node;
        this.incarnation = incarnation;
        pubsub = cluster.node(node).pubsub();
        presence = Presence.builder(pubsub, Here.class)
                .grace(Duration.ofMillis(500))
                .build();
        Channel<String, String> room = Channel.of(String.class)
                .join(join -> Join.ok(join.socket().assigns()))
                .onJoined(in -> presence.track(in, in.assigns(), new Here(node, 0)))
                .on(MOOD, (mood, in) -> {
                    boolean _ = presence.update(in, in.assigns(), _ -> new Here(node, mood.mood()));
                    return NoReply.none();
                })
                .history(History.of(10_000, Duration.ofHours(1), SHOUT))
                .build();
        UserSocket<String> socket = UserSocket.<String>connect(SimulatedServer::accept)
                .channel("room:*", room)
                .build();
        kit = ChannelKit.builder(socket)
                .node(cluster, node)
                .presence(presence)
                .deadline(Duration.ofSeconds(20))
                .start();
        groups = Groups.over(pubsub);
        revocations = Revocations.over(pubsub);
    }

    private static ConnectOutcome<String> accept(Connect connect) {
        String user = connect.param("user").orElseThrow();
        return Connect.ok(user, user);
    }

    private static Tokens.Builder<String> tokens() {
        return Tokens.of(String.class, "socket").secrets(Secret.of("a secret of the tests, 32 bytes or more"));
    }

    String node() {
        return node;
    }

    int incarnation() {
        return incarnation;
    }

    PubSub pubsub() {
        return pubsub;
    }

    ChannelKit kit() {
        return kit;
    }

    Groups groups() {
        return groups;
    }

    Revocations revocations() {
        return revocations;
    }

    /** Publishes the next message in a room. */
    Text publish(String room) {
        Text text = new Text(node, incarnation, ++published);
        kit.channels().broadcast(room, SHOUT, text);
        return text;
    }

    /** The kept messages of a room, in the order of this node. */
    List<Text> kept(String room) {
        return kit.channels().newest(room, 10_000).messages().reversed().stream()
                .map(message -> message.as(SHOUT).orElseThrow())
                .toList();
    }

    /** The metas of each room and user. */
    Map<String, List<String>> present() {
        Map<String, List<String>> present = new TreeMap<>();
        for (String room : Step.ROOMS) {
            presence.list(room)
                    .forEach((user, metas) -> present.put(
                            room + " " + user,
                            metas.stream().map(Here::toString).sorted().toList()));
        }
        return present;
    }

    Map<String, Set<String>> topicsOfGroups() {
        Map<String, Set<String>> topics = new TreeMap<>();
        groups.names()
                .forEach(name -> topics.put(
                        name, new TreeSet<>(groups.find(name).map(Group::topics).orElse(Set.of()))));
        return topics;
    }

    /** The users whose tokens it refuses. */
    Set<String> revoked() {
        Tokens<String> tokens = tokens().revocable(revocations, user -> user).build();
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
