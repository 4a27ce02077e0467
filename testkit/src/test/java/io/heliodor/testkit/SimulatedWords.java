package io.heliodor.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import io.heliodor.pubsub.engine.ClusterPubSub;
import io.heliodor.pubsub.engine.NodeId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Messages without a history, to subscriptions that begin and end in a {@link ReplicationSimulation}. None comes twice or before an
 * earlier one of its publisher. After the faults each node has the interest of the others, and each message arrives.
 */
final class SimulatedWords {
    /** A message; the number counts those of an incarnation. */
    record Word(String publisher, int number) {}

    /** The first two are in one bucket of topics that a node does not list by name, because the hashes of these strings are equal. */
    static final List<String> TOPICS = List.of("words:Aa", "words:BB", "words:c");

    private static Topic<Word> topic(String name) {
        return Topic.of(name, Word.class);
    }

    /** A subscription of a node, and the messages that it received. */
    private static final class Listener {
        private final String node;
        private final String topic;
        private final List<Word> received = new CopyOnWriteArrayList<>();
        private final Subscription subscription;

        Listener(SimulatedServer server, String topic) {
            this.node = server.node();
            this.topic = topic;
            this.subscription = server.pubsub().subscribe(topic(topic), received::add);
        }

        /** The first message that came twice or too late. */
        @Nullable
        Word misplaced() {
            Map<String, Integer> last = new HashMap<>();
            for (Word word : received) {
                Integer before = last.put(word.publisher(), word.number());
                if (before != null && before >= word.number()) {
                    return word;
                }
            }
            return null;
        }

        @Override
        public String toString() {
            return "the subscription of " + node + " to " + topic;
        }
    }

    private final SimulatedNodes nodes;
    private final List<Listener> open = new ArrayList<>();
    private final List<Listener> all = new ArrayList<>();
    private final Map<String, Integer> published = new HashMap<>();

    SimulatedWords(SimulatedNodes nodes) {
        this.nodes = nodes;
    }

    void subscribe(Step.Subscribe step) {
        SimulatedServer server = nodes.server(nodes.running(step.node()));
        List<Listener> own = open.stream()
                .filter(each -> each.node.equals(server.node()) && each.topic.equals(step.topic()))
                .toList();
        if (!own.isEmpty()) {
            nodes.tell(server.node() + " unsubscribes from " + step.topic());
            own.forEach(each -> each.subscription.close());
            open.removeAll(own);
        }
        if (own.isEmpty() || step.again()) {
            nodes.tell(server.node() + " subscribes to " + step.topic());
            Listener listener = new Listener(server, step.topic());
            open.add(listener);
            all.add(listener);
        }
    }

    void speak(Step.Speak step) {
        SimulatedServer server = nodes.server(nodes.running(step.node()));
        nodes.tell(server.node() + " publishes to " + step.topic());
        Word _ = publish(server, step.topic());
    }

    private Word publish(SimulatedServer server, String topic) {
        String publisher = server.node() + " " + server.incarnation();
        Word word = new Word(publisher, published.merge(publisher, 1, Integer::sum));
        nodes.perform(() -> server.pubsub().broadcast(topic(topic), word));
        return word;
    }

    /** A node has crashed. */
    void crashed(String node) {
        open.removeIf(each -> each.node.equals(node));
    }

    /** The first node that has another interest than that of the subscriptions. */
    @Nullable
    String problem() {
        for (SimulatedServer server : nodes.servers()) {
            for (String topic : TOPICS) {
                Set<String> interested = ClusterPubSub.nodesOf(server.pubsub()).interestedIn(topic(topic)).stream()
                        .map(NodeId::name)
                        .collect(Collectors.toCollection(TreeSet::new));
                Set<String> expected = subscribed(topic::equals, server.node());
                Set<String> possible = subscribed(each -> each.hashCode() == topic.hashCode(), server.node());
                if (!interested.containsAll(expected) || !possible.containsAll(interested)) {
                    return "interested in " + topic + " by " + server.node() + ": " + interested + "\n expected: "
                            + expected + ", or those of its bucket, too: " + possible;
                }
            }
        }
        return null;
    }

    /** The other nodes with subscriptions to some topics. */
    private Set<String> subscribed(Predicate<String> topics, String but) {
        return open.stream()
                .filter(each -> topics.test(each.topic) && !each.node.equals(but))
                .map(each -> each.node)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** All nodes publish on all topics: each subscription receives each message, and has none twice. */
    void checkReceived() {
        for (String topic : TOPICS) {
            List<Word> last = nodes.servers().stream()
                    .map(server -> publish(server, topic))
                    .toList();
            nodes.await(() -> open.stream()
                    .filter(each -> each.topic.equals(topic) && !each.received.containsAll(last))
                    .findFirst()
                    .map(each -> each + " received " + each.received + "\n and lacks some of " + last)
                    .orElse(null));
        }
        all.forEach(each -> assertThat(each.misplaced())
                .as("a message twice or too late at %s: %s", each, each.received)
                .isNull());
    }
}
