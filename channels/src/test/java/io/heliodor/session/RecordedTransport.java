package io.heliodor.session;

import io.heliodor.pubsub.MessageFormat;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import io.heliodor.pubsub.engine.ClusterTransport;
import io.heliodor.pubsub.engine.NodeId;
import io.heliodor.pubsub.engine.Nodes;
import io.heliodor.pubsub.engine.RequestHandlers;
import io.heliodor.pubsub.engine.TopicAddress;
import io.heliodor.type.Type;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The transport of a node in a cluster of two: it records topics and requests, and sends requests as the other node. */
final class RecordedTransport implements ClusterTransport {
    private static final HexFormat HEX = HexFormat.of();
    private static final Duration DEADLINE = Duration.ofSeconds(20);

    /** The answer of a node without a handler. */
    static final String NO_HANDLER = "no handler";

    static final NodeId SELF = new NodeId("a@host", 7);
    static final NodeId OTHER = new NodeId("b@host", 8);

    /**
     * A request to the other node.
     *
     * @param name its scopes and its name
     * @param request the bytes of the request
     * @param answer completes with the bytes of the response, or empty for none, or {@link #NO_HANDLER}; until then the
     *     caller waits
     */
    record Request(String name, String request, CompletableFuture<String> answer) {}

    /** The topics and requests of this node. */
    final SortedSet<String> names = new ConcurrentSkipListSet<>();

    private final BlockingQueue<Request> requests = new LinkedBlockingQueue<>();
    final List<Nodes.Listener> listeners = new CopyOnWriteArrayList<>();
    private final RequestHandlers handlers = new RequestHandlers();

    volatile Set<NodeId> members = Set.of(SELF, OTHER);

    /** Complete unless a test sets another one. */
    volatile CompletableFuture<Void> interestKnown = CompletableFuture.completedFuture(null);

    /** The topics of these scopes have subscriptions on the other node. */
    private volatile Set<String> interested;

    RecordedTransport(String... interested) {
        this.interested = Set.of(interested);
    }

    /** From now on the topics of these scopes have subscriptions on the other node. */
    void interested(String... scopes) {
        interested = Set.of(scopes);
    }

    private static String name(List<String> scopes, String name) {
        return Stream.concat(scopes.stream(), Stream.of(name)).collect(Collectors.joining("/"));
    }

    /** Returns the response to a request of the other node. */
    String answer(String name, String request) throws Exception {
        return HEX.formatHex(handlers.find(name).orElseThrow().handle(HEX.parseHex(request)));
    }

    /** Awaits the next request of a name; others get no response. */
    Request awaitRequest(String name) throws InterruptedException {
        Request next = requests.poll(DEADLINE.toSeconds(), TimeUnit.SECONDS);
        while (next != null && !next.name().equals(name)) {
            next.answer().complete("");
            next = requests.poll(DEADLINE.toSeconds(), TimeUnit.SECONDS);
        }
        if (next == null) {
            throw new AssertionError("no request " + name + " within " + DEADLINE);
        }
        return next;
    }

    /** Whether requests wait that the test has not taken. */
    boolean hasRequests() {
        return !requests.isEmpty();
    }

    @Override
    public CompletableFuture<Void> advertise(TopicAddress address) {
        names.add("topic " + name(address.scopes(), address.topic()));
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public void withdraw(TopicAddress address) {}

    @Override
    public void check(Topic<?> topic) {}

    @Override
    public <T> void forward(TopicAddress address, Topic<T> topic, T message) {}

    @Override
    public <T> void forwardTo(NodeId node, TopicAddress address, Topic<T> topic, T message) {}

    @Override
    public Nodes nodes(List<String> scopes) {
        return new OfScope(scopes);
    }

    private final class OfScope implements Nodes {
        private final List<String> scopes;

        OfScope(List<String> scopes) {
            this.scopes = scopes;
        }

        @Override
        public NodeId self() {
            return SELF;
        }

        @Override
        public Set<NodeId> members() {
            return members;
        }

        @Override
        public List<NodeId> interestedIn(Topic<?> topic) {
            return interested.contains(String.join("/", scopes)) ? List.of(OTHER) : List.of();
        }

        @Override
        public List<NodeId> listing(Topic<?> topic) {
            return interestedIn(topic);
        }

        @Override
        public CompletableFuture<Void> interestKnown() {
            return interestKnown;
        }

        @Override
        public Subscription subscribe(Listener listener) {
            listeners.add(listener);
            return () -> listeners.remove(listener);
        }

        @Override
        public Subscription share(String name, RequestHandler handler) {
            names.add("request " + name(scopes, name));
            return handlers.share(name(scopes, name), handler);
        }

        @Override
        public Optional<HandlerRegistration> handleIfFree(String name, RequestHandler handler) {
            names.add("request " + name(scopes, name));
            return handlers.add(name(scopes, name), handler);
        }

        @Override
        public RequestOutcome sendRequest(NodeId node, String name, byte[] request, Duration within) {
            Request next = new Request(name(scopes, name), HEX.formatHex(request), new CompletableFuture<>());
            requests.add(next);
            String answer = next.answer().join();
            return switch (answer) {
                case "" -> new RequestOutcome.NoResponse();
                case NO_HANDLER -> new RequestOutcome.NoHandler();
                default -> new RequestOutcome.Response(HEX.parseHex(answer));
            };
        }

        @Override
        public void addCatchUp(CompletableFuture<Void> done) {}

        @Override
        public boolean awaitCaughtUp(Duration within) {
            return true;
        }

        @Override
        public Health health(Duration within) {
            return new Health(Health.Status.HEALTHY, List.of(), List.of(), List.of());
        }

        @Override
        public <T> MessageFormat<T> format(Type<T> type) {
            return new MessageFormat<>() {
                @Override
                public byte[] write(T message) {
                    throw new AssertionError("nothing is forwarded");
                }

                @Override
                public Optional<T> read(byte[] bytes) {
                    throw new AssertionError("nothing is forwarded");
                }
            };
        }
    }
}
