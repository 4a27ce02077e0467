package io.heliodor.session.replication;

import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Topic;
import io.heliodor.pubsub.engine.ClusterPubSub;
import io.heliodor.pubsub.engine.NodeId;
import io.heliodor.pubsub.engine.Nodes;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The nodes that have logs of a topic, or may take one. Any thread may use it. */
public final class LogHolders {
    private final PubSub pubsub;
    private final PubSub copies;
    private final Nodes nodes;

    LogHolders(PubSub pubsub, PubSub copies) {
        this.pubsub = pubsub;
        this.copies = copies;
        this.nodes = ClusterPubSub.nodesOf(pubsub);
    }

    /** The other nodes that subscribe to a topic; this node if another endpoint of it does. */
    public Set<String> others(Topic<?> topic, boolean subscribed) {
        return others(topic, subscribed, of -> of.interestedIn(topic));
    }

    /** Those of {@link #others} that list the topic by its name: the others may have a log of it or not. */
    public Set<String> holders(Topic<?> topic, boolean subscribed) {
        return others(topic, subscribed, of -> of.listing(topic));
    }

    private Set<String> others(Topic<?> topic, boolean subscribed, Function<Nodes, List<NodeId>> find) {
        if (!mayHaveOthers(topic.name(), subscribed)) {
            return Set.of();
        }
        Set<String> others = Stream.of(nodes, ClusterPubSub.nodesOf(copies))
                .flatMap(of -> find.apply(of).stream())
                .map(NodeId::toString)
                .collect(Collectors.toSet());
        if (isShared(topic.name(), subscribed)) {
            others.add(nodes.self().toString());
        }
        return others;
    }

    /** Completes when {@link #others} are all that are in the view. */
    public CompletableFuture<Void> interestKnown() {
        return nodes.interestKnown();
    }

    /** Whether there may be {@link #others}, without a look at the other nodes. */
    private boolean mayHaveOthers(String topic, boolean subscribed) {
        return pubsub.spansNodes() || isShared(topic, subscribed);
    }

    /** Whether another endpoint of this node subscribes to a topic. */
    private boolean isShared(String topic, boolean subscribed) {
        return pubsub.count(topic) > (subscribed ? 1 : 0);
    }

    /** Whether a broadcast goes nowhere but to the members of this endpoint. */
    public boolean alone(Topic<?> topic) {
        return !mayHaveOthers(topic.name(), true);
    }

    Stream<NodeId> nodes() {
        return nodes.others().stream();
    }

    /** All other nodes, in the order of rendezvous hashing. */
    Stream<NodeId> order(String topic) {
        return nodes().sorted(NodeId.rendezvous(topic));
    }
}
