package io.heliodor.node.membership;

import io.heliodor.counter.EnumCounters;
import io.heliodor.link.Peer;
import io.heliodor.link.View;
import io.heliodor.link.ViewId;
import io.heliodor.membership.Member;
import io.heliodor.membership.Member.Status;
import io.heliodor.membership.Membership;
import io.heliodor.membership.MembershipEvent;
import io.heliodor.node.loop.EventPublisher;
import io.heliodor.node.loop.EventQueue;
import io.heliodor.node.loop.NodeLoop;
import io.heliodor.process.engine.NodeCounter;
import io.heliodor.protocol.Roster;
import io.heliodor.pubsub.Subscription;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/** The members as users see them: an immutable copy of the roster and the view, replaced with each change. */
public final class ClusterMembership implements Membership {
    /** The roster and the view that it belongs to. */
    private record State(List<Member> members, Map<String, Peer> peers, List<String> others, View view) {}

    private final Peer self;
    private final NodeLoop loop;
    private final EventPublisher<MembershipEvent> events;
    private volatile State state;

    /** The last view. On the loop. */
    private View view;

    public ClusterMembership(Peer self, NodeLoop loop, EnumCounters<NodeCounter> counters) {
        this.self = self;
        this.loop = loop;
        this.events = new EventPublisher<>("membership", MembershipChanges::coalesce, counters);
        Member own = new Member(self.node(), Status.ALIVE, self.incarnation());
        this.view = new View(new ViewId(0, self), List.of(self), false);
        this.state = new State(List.of(own), Map.of(self.node(), self), List.of(), view);
    }

    @Override
    public List<Member> members() {
        return state.members();
    }

    @Override
    public Optional<Member> member(String node) {
        Objects.requireNonNull(node, "node");
        return state.members().stream()
                .filter(member -> member.node().equals(node))
                .findFirst();
    }

    @Override
    public List<String> peers() {
        return state.others();
    }

    @Override
    public String coordinator() {
        return state.view().coordinator().node();
    }

    /** Whether no view was installed after this one. */
    public boolean isLatest(View installed) {
        return state.view().equals(installed);
    }

    /** The other members, in the order of the view. */
    public List<Peer> others() {
        State now = state;
        return now.others().stream()
                .flatMap(node -> Optional.ofNullable(now.peers().get(node)).stream())
                .toList();
    }

    /** The incarnation of a member of the view. The own name stands for this node. */
    public Optional<Peer> peer(String node) {
        return Optional.ofNullable(state.peers().get(node));
    }

    @Override
    public Subscription subscribe(Consumer<? super MembershipEvent> listener) {
        Objects.requireNonNull(listener, "listener");
        EventQueue<MembershipEvent> queue = events.prepare(listener);
        loop.execute(() -> events.begin(
                queue,
                state.members().stream()
                        .filter(member -> state.others().contains(member.node()))
                        .map(MembershipEvent.Joined::new)
                        .toList()));
        return events.subscription(queue);
    }

    // On the loop.

    public void install(View next) {
        view = next;
    }

    public View view() {
        return view;
    }

    public void show(Roster roster) {
        List<Member> members = roster.rows().stream()
                .map(row -> member(row.peer(), Status.valueOf(row.status().name())))
                .toList();
        Map<String, Peer> peers = new HashMap<>(view.byName());
        // As in the roster: for itself a node is a member, even if the view has another incarnation of its name.
        peers.put(self.node(), self);
        List<String> others = view.members().stream()
                .map(Peer::node)
                .distinct()
                .filter(node -> !node.equals(self.node()))
                .toList();
        state = new State(members, peers, others, view);
    }

    public void publish(MembershipEvent event) {
        events.publish(event);
    }

    public static Member member(Peer peer, Status status) {
        return new Member(peer.node(), status, peer.incarnation());
    }

    public void close() {
        events.close();
    }
}
