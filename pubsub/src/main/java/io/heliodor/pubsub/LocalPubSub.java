package io.heliodor.pubsub;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A PubSub within one JVM, or a scope of one; its carrier, if it has one, connects it with others. */
final class LocalPubSub implements Carried {
    private static final String COUNT = "heliodor.count";

    private final String title;
    private final int mailbox;
    private final List<String> path;
    private final Optional<Carrier> carrier;
    private final Nodes nodes;
    private final TopicTable table;
    private final ConcurrentHashMap<String, LocalPubSub> scopes = new ConcurrentHashMap<>();

    /** Answers how many subscriptions there are here. */
    private final Optional<Nodes.Answers> counts;

    /** Takes a scope out of the scopes of its parent. */
    private final Consumer<LocalPubSub> forget;

    private volatile boolean closed;

    private LocalPubSub(
            List<String> path, int mailbox, Optional<Carrier> carrier, Nodes nodes, Consumer<LocalPubSub> forget) {
        this.path = path;
        this.nodes = nodes;
        this.title = path.isEmpty() ? "PubSub" : "scope \"" + path.getLast() + "\"";
        this.mailbox = mailbox;
        this.carrier = carrier;
        this.table = new TopicTable(
                carrier.<TopicTable.Wants>map(to -> new Wanted(path, to)).orElse(TopicTable.Wants.NONE));
        this.forget = forget;
        this.counts = carrier.map(_ -> nodes.answer(COUNT, new Counting()));
    }

    static LocalPubSub open(int mailbox) {
        if (mailbox < 1) {
            throw new IllegalArgumentException("A mailbox holds 1 message or more, not " + mailbox + ".");
        }
        return new LocalPubSub(List.of(), mailbox, Optional.empty(), new SingleNode(SingleNode.id()), root -> {});
    }

    static LocalPubSub over(Carrier carrier, int mailbox) {
        return new LocalPubSub(List.of(), mailbox, Optional.of(carrier), carrier.nodes(List.of()), root -> {});
    }

    @Override
    public <T> Subscription subscribe(Topic<T> topic, Subscriber<? super T> subscriber) {
        Objects.requireNonNull(subscriber, "subscriber");
        return add(new MailboxSubscription<>(table, topic, subscriber, mailbox));
    }

    @Override
    public <T> Subscription subscribeInline(Topic<T> topic, Subscriber<? super T> subscriber) {
        Objects.requireNonNull(subscriber, "subscriber");
        return add(new InlineSubscription<>(table, topic, subscriber));
    }

    private Subscription add(LocalSubscription<?> subscription) {
        checkOpen();
        table.add(subscription);
        if (closed) {
            // close() may have gone through the table before the subscription was in it.
            subscription.close();
            checkOpen();
        }
        return subscription;
    }

    @Override
    public <T> void broadcast(Topic<T> topic, T message) {
        check(topic);
        broadcastLocally(topic, message);
        carry(topic, message);
    }

    private void check(Topic<?> topic) {
        if (carrier.isPresent()) {
            carrier.get().check(topic);
        }
    }

    private <T> void carry(Topic<T> topic, T message) {
        if (carrier.isPresent()) {
            carrier.get().carry(new Place(path, topic.name()), topic, message);
        }
    }

    @Override
    public <T> void broadcastFrom(Subscription sender, Topic<T> topic, T message) {
        Objects.requireNonNull(sender, "sender");
        Objects.requireNonNull(message, "message");
        checkOpen();
        check(topic);
        deliver(table.subscribers(topic), message, sender);
        carry(topic, message);
    }

    @Override
    public <T> void broadcastLocally(Topic<T> topic, T message) {
        deliverHere(topic, message, null);
    }

    @Override
    public <T> void broadcastLocallyFrom(Subscription sender, Topic<T> topic, T message) {
        deliverHere(topic, message, Objects.requireNonNull(sender, "sender"));
    }

    private <T> void deliverHere(Topic<T> topic, T message, @Nullable Subscription except) {
        Objects.requireNonNull(message, "message");
        checkOpen();
        deliver(table.subscribers(topic), message, except);
    }

    @Override
    public <T> boolean broadcastTo(NodeId node, Topic<T> topic, T message) {
        check(topic);
        if (node.equals(nodes.self())) {
            broadcastLocally(topic, message);
            return true;
        }
        Objects.requireNonNull(message, "message");
        checkOpen();
        // Refuses a message of another type than that of the subscriptions here.
        table.subscribers(topic);
        boolean member = nodes.members().contains(node);
        if (member && carrier.isPresent()) {
            carrier.get().carryTo(node, new Place(path, topic.name()), topic, message);
        }
        return member;
    }

    /** Delivers to all but one; the message is of the type that all subscriptions of the topic have. */
    private static void deliver(Subscribers subscribers, Object message, @Nullable Subscription except) {
        long bounds = subscribers.bounds();
        int to = Subscribers.to(bounds);
        for (int i = Subscribers.from(bounds); i < to; i++) {
            LocalSubscription<?> subscription = subscribers.at(i);
            if (subscription != null && subscription != except) {
                deliver(subscription, message);
            }
        }
    }

    @SuppressWarnings("unchecked") // its callers check the type
    private static <T> void deliver(LocalSubscription<T> subscription, Object message) {
        subscription.deliver((T) message);
    }

    @Override
    public boolean spansNodes() {
        return carrier.isPresent();
    }

    @Override
    public Nodes nodes() {
        return nodes;
    }

    @Override
    public int arrive(Place place, Function<Topic<?>, Optional<?>> read) {
        LocalPubSub scope = this;
        for (String name : place.scopes()) {
            scope = scope.scopes.get(name);
            if (scope == null) {
                return 0;
            }
        }
        return scope.arrive(place.topic(), read);
    }

    private int arrive(String topic, Function<Topic<?>, Optional<?>> read) {
        Subscribers subscribers = table.subscribers(topic);
        Topic<?> of = subscribers.topic();
        Optional<?> message = of == null ? Optional.empty() : read.apply(of);
        if (message.isEmpty()) {
            return 0;
        }
        deliver(subscribers, message.get(), null);
        return subscribers.count();
    }

    @Override
    public List<Subscription> subscribers(String topic) {
        return List.copyOf(table.subscribers(topic).all());
    }

    @Override
    public int count(String topic) {
        return table.subscribers(topic).count();
    }

    @Override
    public int countAll(String topic, Duration within) {
        byte[] question = topic.getBytes(UTF_8);
        // At once: their waits add up otherwise.
        List<CompletableFuture<Integer>> others = nodes.wanting(Topic.of(topic, Object.class)).stream()
                .map(node -> CompletableFuture.supplyAsync(
                        () -> nodes.ask(node, COUNT, question, within)
                                .filter(answer -> answer.length == Integer.BYTES)
                                .map(answer -> ByteBuffer.wrap(answer).getInt())
                                .orElse(0),
                        task -> Thread.ofVirtual().name("count").start(task)))
                .toList();
        return count(topic) + others.stream().mapToInt(CompletableFuture::join).sum();
    }

    private final class Counting implements Nodes.Answering {
        @Override
        public byte[] answer(byte[] topic) {
            return ByteBuffer.allocate(Integer.BYTES)
                    .putInt(count(new String(topic, UTF_8)))
                    .array();
        }

        @Override
        public boolean ended() {
            // A scope that closes is followed by another one of its name, at once.
            return true;
        }
    }

    @Override
    public PubSub scope(String name) {
        NameRule.check("scope", name);
        checkOpen();
        LocalPubSub scope = scopes.computeIfAbsent(name, this::open);
        if (closed) {
            // close() may have gone through the scopes before this one was among them.
            scope.close();
            checkOpen();
        }
        return scope;
    }

    private LocalPubSub open(String scope) {
        List<String> inner = Stream.concat(path.stream(), Stream.of(scope)).toList();
        Nodes ofScope = carrier.isPresent() ? carrier.get().nodes(inner) : new SingleNode(nodes.self());
        return new LocalPubSub(inner, mailbox, carrier, ofScope, closed -> scopes.remove(scope, closed));
    }

    @Override
    public void close() {
        // First, so that whoever asks for the scope from now on gets an open one.
        forget.accept(this);
        closed = true;
        counts.ifPresent(Nodes.Answers::close);
        table.clear().forEach(LocalSubscription::close);
        scopes.values().forEach(PubSub::close);
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("This " + title
                    + " is closed: nothing can be subscribed to or published through it any more."
                    + " Close it after everything that uses it.");
        }
    }

    TopicTable table() {
        return table;
    }
}
