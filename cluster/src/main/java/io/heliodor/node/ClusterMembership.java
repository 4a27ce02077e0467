package io.heliodor.node;

import io.heliodor.link.Peer;
import io.heliodor.link.View;
import io.heliodor.membership.Member;
import io.heliodor.membership.Member.Status;
import io.heliodor.membership.Membership;
import io.heliodor.membership.MembershipEvent;
import io.heliodor.protocol.Roster;
import io.heliodor.pubsub.Subscription;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** The roster as users see it: a copy that can be read at once, made anew with each change. */
final class ClusterMembership implements Membership {
    /** What changes together. */
    private record State(List<Member> members, Map<String, Peer> peers, List<String> others, String coordinator) {}

    private final Peer self;
    private final NodeLoop loop;
    private final EventPublisher<MembershipEvent> events;
    private volatile State state;

    ClusterMembership(Peer self, NodeLoop loop, Counters counters) {
        this.self = self;
        this.loop = loop;
        this.events = new EventPublisher<>("membership", MembershipChanges::coalesce, counters);
        Member own = new Member(self.node(), Status.ALIVE, self.incarnation());
        this.state = new State(List.of(own), Map.of(self.node(), self), List.of(), self.node());
    }

    @Override
    public List<Member> members() {
        return state.members();
    }

    @Override
    public Optional<Member> member(String node) {
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
        return state.coordinator();
    }

    /** The other members, in the order of the view. */
    List<Peer> others() {
        State now = state;
        return now.others().stream()
                .flatMap(node -> Optional.ofNullable(now.peers().get(node)).stream())
                .toList();
    }

    /** The present life of a member of the view. */
    Optional<Peer> peer(String node) {
        return Optional.ofNullable(state.peers().get(node));
    }

    @Override
    public Subscription subscribe(Consumer<? super MembershipEvent> listener) {
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

    void show(Roster roster, View view) {
        List<Member> members = roster.rows().stream()
                .map(row -> member(row.peer(), Status.valueOf(row.status().name())))
                .toList();
        Map<String, Peer> peers = view.byName();
        List<String> others = view.members().stream()
                .map(Peer::node)
                .distinct()
                .filter(node -> !node.equals(self.node()))
                .toList();
        state = new State(members, peers, others, view.coordinator().node());
    }

    void publish(MembershipEvent event) {
        events.publish(event);
    }

    static Member member(Peer peer, Status status) {
        return new Member(peer.node(), status, peer.incarnation());
    }

    void close() {
        events.close();
    }
}
