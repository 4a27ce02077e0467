package io.heliodor.node.pubsub;

import io.heliodor.codec.Codec;
import io.heliodor.codec.Codecs;
import io.heliodor.codec.Decoded;
import io.heliodor.link.Peer;
import io.heliodor.link.Time;
import io.heliodor.link.View;
import io.heliodor.log.FailureLog;
import io.heliodor.node.loop.NodeLoop;
import io.heliodor.node.membership.ClusterHealth;
import io.heliodor.process.CallOutcome;
import io.heliodor.pubsub.MessageFormat;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import io.heliodor.pubsub.engine.NodeId;
import io.heliodor.pubsub.engine.Nodes;
import io.heliodor.pubsub.engine.RequestHandlers;
import io.heliodor.pubsub.engine.TopicAddress;
import io.heliodor.rpc.Procedure;
import io.heliodor.rpc.engine.Procedures;
import io.heliodor.type.Type;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The members of the view for users of the pub/sub. Listeners are called on the node's loop; requests are calls. */
public final class PubSubNodes {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.node");

    /** How long the topics of a node that joined are waited for. */
    private static final Duration INTEREST = Duration.ofSeconds(1);

    /** A member that is silent for as long is suspect, and then it is not waited for. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final Procedure<PubSubRequest, PubSubRequest.Response> REQUEST =
            Procedure.of("heliodor.pubsub", PubSubRequest.class, PubSubRequest.Response.class);

    private final NodeId self;
    private final FailureLog failures = new FailureLog(LOG, System::nanoTime);
    private final NodeLoop loop;
    private final Procedures procedures;
    private final Codecs codecs;
    private final ClusterHealth health;
    private final Time time;

    /** Finds the peers with subscriptions to a topic. */
    private final Supplier<RemoteInterest> interest;

    /** Completes on the loop when the replicated maps of all members have arrived. */
    private final Supplier<CompletableFuture<Void>> synced;

    private final RequestHandlers handlers = new RequestHandlers();
    private volatile Set<NodeId> members;

    /** Completes when the topics of all members are here. */
    private volatile CompletableFuture<Void> interestKnown = CompletableFuture.completedFuture(null);

    /** Completes when all parts that began to catch up are done. */
    private final AtomicReference<CompletableFuture<Void>> caughtUp = new AtomicReference<>(CompletableFuture.allOf());

    // On the loop.
    private long interestDeadline;

    private final Set<Nodes.Listener> listeners = new LinkedHashSet<>();
    private final Set<NodeId> reachable = new LinkedHashSet<>();

    public PubSubNodes(
            Peer self,
            NodeLoop loop,
            Procedures procedures,
            Codecs codecs,
            ClusterHealth health,
            Time time,
            Supplier<RemoteInterest> interest,
            Supplier<CompletableFuture<Void>> synced) {
        this.self = id(self);
        this.loop = loop;
        this.procedures = procedures;
        this.codecs = codecs;
        this.health = health;
        this.time = time;
        this.interest = interest;
        this.synced = synced;
        this.members = Set.of(this.self);
        procedures.serve(REQUEST, this::answer);
    }

    /** Adds the codecs of requests and responses. */
    public static Codecs.Builder codecs(Codecs.Builder builder) {
        return builder.codec(PubSubRequest.class, PubSubRequest.CODEC)
                .codec(PubSubRequest.Response.class, PubSubRequest.Response.CODEC);
    }

    public static NodeId id(Peer peer) {
        return new NodeId(peer.node(), peer.incarnation());
    }

    private PubSubRequest.Response answer(PubSubRequest request) throws Exception {
        Nodes.RequestHandler known = handlers.find(request.handler())
                .orElseThrow(() -> new IllegalStateException(noHandler(request.handler())));
        try {
            return new PubSubRequest.Response(known.handle(request.content()));
        } catch (Exception e) {
            LOG.debug("A request to a part of the pub/sub has no response.", e);
            throw e;
        }
    }

    /** The text of the failure that a caller gets of a node without a handler. A change of it is a change of the wire. */
    private static String noHandler(String handler) {
        return "There is no handler of requests to " + RemoteInterest.printable(handler) + ".";
    }

    /** The nodes for a scope of the pub/sub. */
    public Nodes of(List<String> scopes) {
        return new OfScope(scopes);
    }

    private final class OfScope implements Nodes {
        @Override
        public long nanoTime() {
            return time.machineNanos();
        }

        private final List<String> scopes;

        OfScope(List<String> scopes) {
            this.scopes = scopes;
        }

        @Override
        public NodeId self() {
            return self;
        }

        @Override
        public Set<NodeId> members() {
            return members;
        }

        @Override
        public List<NodeId> interestedIn(Topic<?> topic) {
            return ids(interest.get().of(new TopicAddress(scopes, topic.name())));
        }

        @Override
        public List<NodeId> listing(Topic<?> topic) {
            return ids(interest.get().listing(new TopicAddress(scopes, topic.name())));
        }

        private static List<NodeId> ids(List<Peer> peers) {
            return peers.stream().map(PubSubNodes::id).toList();
        }

        @Override
        public CompletableFuture<Void> interestKnown() {
            return interestKnown;
        }

        @Override
        public Subscription subscribe(Listener listener) {
            loop.execute(() -> {
                listeners.add(listener);
                for (NodeId node : members) {
                    if (!node.equals(self)) {
                        call(listener, each -> each.joined(node));
                    }
                }
                reachable.forEach(node -> call(listener, each -> each.reachable(node)));
            });
            return () -> loop.execute(() -> listeners.remove(listener));
        }

        @Override
        public Optional<HandlerRegistration> handleIfFree(String name, RequestHandler handler) {
            return handlers.add(key(name), handler);
        }

        @Override
        public Subscription share(String name, RequestHandler handler) {
            return handlers.share(key(name), handler);
        }

        @Override
        public RequestOutcome sendRequest(NodeId node, String name, byte[] request, Duration within) {
            if (!members.contains(node)) {
                return new RequestOutcome.NoResponse();
            }
            String key = key(name);
            // By incarnation: the name may stand for another one that is a member, too.
            Peer peer = new Peer(node.name(), node.incarnation());
            CallOutcome<PubSubRequest.Response> outcome =
                    procedures.call(peer, REQUEST, new PubSubRequest(key, request), within);
            return switch (outcome) {
                case CallOutcome.Ok<PubSubRequest.Response>(PubSubRequest.Response response) ->
                    new RequestOutcome.Response(response.content());
                case CallOutcome.Failed<PubSubRequest.Response>(String type, String message)
                when type.equals(IllegalStateException.class.getName()) && message.equals(noHandler(key)) ->
                    new RequestOutcome.NoHandler();
                default -> new RequestOutcome.NoResponse();
            };
        }

        private String key(String name) {
            return RemoteInterest.key(new TopicAddress(scopes, name));
        }

        @Override
        public void addCatchUp(CompletableFuture<Void> done) {
            caughtUp.updateAndGet(before -> CompletableFuture.allOf(before, done));
        }

        @Override
        public boolean awaitCaughtUp(Duration within) {
            CompletableFuture<Void> all = caughtUp.get();
            try {
                time.await(all, within.toNanos());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return all.isDone();
        }

        @Override
        public Health health(Duration within) {
            io.heliodor.membership.Health seen = health.check(within, PATIENCE);
            List<String> names =
                    members.stream().map(NodeId::name).distinct().sorted().toList();
            return new Health(Health.Status.valueOf(seen.status().name()), names, seen.unreachable(), seen.reasons());
        }

        @Override
        public <T> MessageFormat<T> format(Type<T> type) {
            return new Format<>(codecs.of(type));
        }
    }

    private record Format<T>(Codec<T> codec) implements MessageFormat<T> {
        @Override
        public byte[] write(T message) {
            return codec.encode(message);
        }

        @Override
        public Optional<T> read(byte[] bytes) {
            return codec.decode(bytes) instanceof Decoded.Value<T>(T value) ? Optional.of(value) : Optional.empty();
        }
    }

    // On the loop.

    public void view(View view) {
        Set<NodeId> before = members;
        // In the order of the view, so that a simulation repeats itself.
        Set<NodeId> next = new LinkedHashSet<>();
        view.members().forEach(peer -> next.add(id(peer)));
        if (!before.containsAll(next)) {
            // Before the members: a thread that sees the node there must not take its missing topics for none.
            interestDeadline = time.nanos() + INTEREST.toNanos();
            CompletableFuture<Void> earlier = interestKnown;
            interestKnown = synced.get();
            // Those that wait for an earlier member wait for this one, too.
            CompletableFuture<Void> _ = interestKnown.thenRun(() -> earlier.complete(null));
        }
        members = Collections.unmodifiableSet(next);
        for (NodeId node : before) {
            if (!members.contains(node)) {
                reachable.remove(node);
                callAll(each -> each.left(node));
            }
        }
        for (NodeId node : members) {
            if (!before.contains(node)) {
                callAll(each -> each.joined(node));
            }
        }
    }

    public void opened(Peer peer) {
        NodeId node = id(peer);
        if (members.contains(node)) {
            reachable.add(node);
            callAll(each -> each.reachable(node));
        }
    }

    public void closed(Peer peer) {
        reachable.remove(id(peer));
    }

    /** Messages between this node and a peer were dropped. */
    public void dropped(Peer peer) {
        NodeId node = id(peer);
        if (reachable.contains(node)) {
            callAll(each -> each.dropped(node));
        }
    }

    public void tick(long now) {
        if (now - interestDeadline >= 0) {
            interestKnown.complete(null);
        }
        callAll(each -> each.tick(now));
    }

    private void callAll(Consumer<Nodes.Listener> what) {
        listeners.forEach(listener -> call(listener, what));
    }

    /** Calls a listener. Its failure does not affect the others. */
    private void call(Nodes.Listener listener, Consumer<Nodes.Listener> what) {
        try {
            what.accept(listener);
        } catch (RuntimeException | Error e) {
            failures.error("A watcher of the nodes", e, () -> "failed.");
        }
    }
}
