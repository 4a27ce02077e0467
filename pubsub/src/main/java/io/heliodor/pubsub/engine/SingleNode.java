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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The nodes of a PubSub within one JVM: a single one, which handles its own requests. */
final class SingleNode implements Nodes {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.pubsub.PubSub");

    private final NodeId self;
    private final RequestHandlers handlers = new RequestHandlers();

    SingleNode(NodeId self) {
        this.self = self;
    }

    /** A new id for a pub/sub and its scopes. */
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
    public List<NodeId> interestedIn(Topic<?> topic) {
        return List.of();
    }

    @Override
    public List<NodeId> listing(Topic<?> topic) {
        return List.of();
    }

    @Override
    public CompletableFuture<Void> interestKnown() {
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public Subscription subscribe(Listener listener) {
        return () -> {};
    }

    @Override
    public Optional<HandlerRegistration> handleIfFree(String name, RequestHandler handler) {
        NameRule.check("request", name);
        return handlers.add(name, handler);
    }

    @Override
    public Subscription share(String name, RequestHandler handler) {
        NameRule.check("request", name);
        return handlers.share(name, handler);
    }

    @Override
    public RequestOutcome sendRequest(NodeId node, String name, byte[] request, Duration within) {
        if (!node.equals(self)) {
            return new RequestOutcome.NoResponse();
        }
        Optional<RequestHandler> handler = handlers.find(name);
        if (handler.isEmpty()) {
            return new RequestOutcome.NoHandler();
        }
        try {
            return new RequestOutcome.Response(handler.get().handle(request));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            LOG.debug("A request to \"{}\" has no response.", name, e);
        }
        return new RequestOutcome.NoResponse();
    }

    @Override
    public void addCatchUp(CompletableFuture<Void> done) {
        // There is no other node.
    }

    @Override
    public boolean awaitCaughtUp(Duration within) {
        return true;
    }

    @Override
    public Health health(Duration within) {
        return new Health(Health.Status.HEALTHY, List.of(self.name()), List.of(), List.of());
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
