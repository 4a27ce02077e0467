package io.heliodor.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channels;
import io.heliodor.event.Event;
import io.heliodor.testkit.SimulatedServer.Here;
import io.heliodor.testkit.SimulatedServer.Mood;
import io.heliodor.testkit.SimulatedServer.Text;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The clients of a {@link ReplicationSimulation}: the model of presences, of evictions and of the messages in rooms. */
final class SimulatedMembers {
    private static final Event<Here> KICKED = Event.of("kicked", Here.class);

    /** A client in a room. */
    private static final class Member {
        private final String node;
        private final String user;
        private final String room;
        private final TestClient client;
        private final TestChannel channel;
        private final boolean cameBack;

        /** The number of messages that its node had kept when it had joined. */
        private final int keptBefore;

        private int mood;

        Member(SimulatedServer server, String user, TestChannel channel, boolean cameBack) {
            this.node = server.node();
            this.user = user;
            this.room = channel.topic();
            this.client = channel.client();
            this.channel = channel;
            this.cameBack = cameBack;
            this.keptBefore = server.kept(room).size();
        }

        boolean isOpen() {
            return !client.hasEnded() && !channel.ended();
        }

        @Override
        public String toString() {
            return user + " in " + room + " at " + node;
        }
    }

    /** A member that a node has evicted. */
    private record Evicted(Member member, String by, Duration at) {}

    private final SimulatedNodes nodes;
    private final List<Member> members = new ArrayList<>();
    private final List<Evicted> evicted = new ArrayList<>();

    SimulatedMembers(SimulatedNodes nodes) {
        this.nodes = nodes;
    }

    void join(Step.Join step) {
        join(nodes.running(step.node()), step.user(), step.room(), null);
    }

    private void join(String node, String user, String room, @Nullable TestChannel before) {
        nodes.tell(user + " joins " + room + " at " + node + (before == null ? "" : " again"));
        SimulatedServer server = nodes.server(node);
        TestClient client = server.kit().connect(Map.of("user", user));
        TestChannel channel;
        try {
            channel = before == null ? client.join(room) : client.rejoin(before);
        } catch (AssertionError e) {
            if (client.hasEnded() || e.getMessage().contains("removed")) {
                // An eviction of before has arrived.
                return;
            }
            throw e;
        }
        members.add(new Member(server, user, channel, before != null));
    }

    void leave(Step.Leave step) {
        List<Member> open = openAtRunning();
        if (!open.isEmpty()) {
            Member one = SimulatedNodes.one(open, step.member());
            members.remove(one);
            nodes.tell(one.user + " leaves " + one.node);
            if (step.drops()) {
                one.client.drop();
            } else {
                one.client.disconnect();
            }
        }
    }

    void hop(Step.Hop step) {
        List<Member> open = openAtRunning();
        if (!open.isEmpty()) {
            Member one = SimulatedNodes.one(open, step.member());
            members.remove(one);
            one.client.drop();
            join(nodes.running(step.node()), one.user, one.room, one.channel);
        }
    }

    void changeMood(Step.ChangeMood step) {
        List<Member> open = openAtRunning();
        if (!open.isEmpty()) {
            Member one = SimulatedNodes.one(open, step.member());
            nodes.tell("the mood of " + one + " becomes " + step.mood());
            one.mood = step.mood();
            one.channel.push(SimulatedServer.MOOD, new Mood(step.mood()));
        }
    }

    private List<Member> openAtRunning() {
        return members.stream()
                .filter(member -> nodes.runs(member.node) && member.isOpen())
                .toList();
    }

    /** Ends the connections of a user on all nodes, or those with a room only. Those that come later stay. */
    void evict(Step.Evict step) {
        String node = nodes.running(step.node());
        List<Member> open = members.stream().filter(Member::isOpen).toList();
        boolean known = step.member().isPresent() && !open.isEmpty();
        Member one = known ? SimulatedNodes.one(open, step.member().getAsInt()) : null;
        String user = one == null ? step.user() : one.user;
        String room = one == null ? step.room() : one.room;
        boolean all = step.kind() != Step.Eviction.REMOVE;
        nodes.tell(node + ": " + step.kind() + " " + user + (all ? "" : " from " + room));
        List<Member> theirs = members.stream()
                .filter(member -> member.user.equals(user) && (all || member.room.equals(room)))
                .toList();
        Channels channels = nodes.server(node).kit().channels();
        nodes.perform(() -> {
            switch (step.kind()) {
                case DISCONNECT -> channels.disconnect(user);
                case KICK -> channels.kick(user, KICKED, new Here(node, 0));
                case REMOVE -> channels.remove(user, room);
            }
        });
        members.removeAll(theirs);
        theirs.forEach(
                member -> evicted.add(new Evicted(member, node, nodes.cluster().elapsed())));
    }

    /** A node has crashed. Its last evictions may be lost with it. */
    void crashed(String node) {
        spare(each -> each.by().equals(node));
        members.removeIf(member -> member.node.equals(node));
        evicted.removeIf(each -> each.member().node.equals(node));
    }

    /** The evictions from before a time need not have reached all nodes. */
    void spareBefore(Duration time) {
        spare(each -> each.at().compareTo(time) < 0);
    }

    private void spare(Predicate<Evicted> which) {
        evicted.stream().filter(which).map(Evicted::member).forEach(members::add);
        evicted.removeIf(which);
    }

    /** The first one that is still connected, or the first node with other presences than those of the members. */
    @Nullable
    String problem() {
        for (Evicted each : evicted) {
            if (each.member().isOpen()) {
                return each.member() + " is still connected";
            }
        }
        Map<String, List<String>> expected = new TreeMap<>();
        members.stream()
                .filter(Member::isOpen)
                .forEach(member -> expected.computeIfAbsent(member.room + " " + member.user, _ -> new ArrayList<>())
                        .add(new Here(member.node, member.mood).toString()));
        expected.values().forEach(metas -> metas.sort(null));
        for (SimulatedServer server : nodes.servers()) {
            if (!server.present().equals(expected)) {
                return "present at " + server.node() + ": " + server.present() + "\n expected: " + expected;
            }
        }
        return null;
    }

    /**
     * All members have received their messages.
     *
     * @param last the messages of all nodes after the faults, by room
     */
    void checkReceived(Map<String, List<Text>> last) {
        members.stream()
                .filter(Member::isOpen)
                .forEach(member -> receivedAll(member, last.getOrDefault(member.room, List.of())));
    }

    /**
     * A member has each message of the log since its join, once, and in the order of the log of its node. One that came
     * back from another node has some of them from there: it has none twice, and the last ones of all nodes.
     */
    private void receivedAll(Member member, List<Text> last) {
        if (member.cameBack) {
            Set<Text> seen = new HashSet<>();
            Set<Text> missing = new HashSet<>(last);
            while (!missing.isEmpty()) {
                Text next = member.channel.expectNext(SimulatedServer.SHOUT);
                assertThat(seen.add(next)).as("%s is new for %s", next, member).isTrue();
                missing.remove(next);
            }
            return;
        }
        List<Text> kept = nodes.server(member.node).kept(member.room);
        Text first = member.channel.expectNext(SimulatedServer.SHOUT);
        int at = kept.indexOf(first);
        assertThat(at).as("the first message of %s in %s", member, kept).isBetween(0, member.keptBefore);
        for (Text next : kept.subList(at + 1, kept.size())) {
            assertThat(member.channel.expectNext(SimulatedServer.SHOUT))
                    .as("after %s of %s", first, member)
                    .isEqualTo(next);
            first = next;
        }
    }
}
