package io.heliodor.pubsub.engine;

import io.heliodor.pubsub.MessageFormat;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import io.heliodor.type.Type;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** The one node of a PubSub within a JVM: it asks itself. */
final class SingleNode implements Nodes {
    private final NodeId self;
    private final AnswerTable table = new AnswerTable();

    SingleNode(NodeId self) {
        this.self = self;
    }

    /** An id for a pub/sub and its scopes. */
    static NodeId id() {
        return new NodeId("local", new SecureRandom().nextLong() >>> 1);
    }

    @Override
    public NodeId self() {
        return self;
    }

    @Override
    public Set<NodeId> members() {
        return Set.of(self);
    }

    @Override
    public List<NodeId> wanting(Topic<?> topic) {
        return List.of();
    }

    @Override
    public Subscription watch(Watcher watcher) {
        return () -> {};
    }

    @Override
    public Answers answer(String name, Answering with) {
        NameRule.check("question", name);
        return table.add(name, with);
    }

    @Override
    public Optional<byte[]> ask(NodeId node, String name, byte[] question, Duration within) {
        Optional<Answering> known = node.equals(self) ? table.find(name) : Optional.empty();
        if (known.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(known.get().answer(question));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } catch (Exception e) {
            LocalSubscription.log.debug("A question under \"{}\" has no answer.", name, e);
            return Optional.empty();
        }
    }

    @Override
    public void catchingUp(CompletableFuture<Void> done) {
        // This is the only node.
    }

    @Override
    public boolean awaitCaughtUp(Duration within) {
        return true;
    }

    @Override
    public Health health(Duration within) {
        return new Health(Health.Status.HEALTHY, List.of(self.name()), List.of());
    }

    @Override
    public <T> MessageFormat<T> format(Type<T> type) {
        return new MessageFormat<>() {
            @Override
            public byte[] write(T message) {
                throw new IllegalStateException("Nothing goes to other nodes, because there are none.");
            }

            @Override
            public Optional<T> read(byte[] bytes) {
                throw new IllegalStateException("Nothing goes to other nodes, because there are none.");
            }
        };
    }
}
