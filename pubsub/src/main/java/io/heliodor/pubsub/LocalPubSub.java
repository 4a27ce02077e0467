package io.heliodor.pubsub;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** A PubSub within one JVM, or a scope of one. */
final class LocalPubSub implements PubSub {
    private final String title;
    private final int mailbox;
    private final TopicTable table = new TopicTable();
    private final ConcurrentHashMap<String, LocalPubSub> scopes = new ConcurrentHashMap<>();

    /** Takes a scope out of the scopes of its parent. */
    private final Consumer<LocalPubSub> forget;

    private volatile boolean closed;

    private LocalPubSub(String title, int mailbox, Consumer<LocalPubSub> forget) {
        this.title = title;
        this.mailbox = mailbox;
        this.forget = forget;
    }

    static LocalPubSub open(int mailbox) {
        if (mailbox < 1) {
            throw new IllegalArgumentException("A mailbox holds 1 message or more, not " + mailbox + ".");
        }
        return new LocalPubSub("PubSub", mailbox, root -> {});
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
        Objects.requireNonNull(message, "message");
        checkOpen();
        for (LocalSubscription<T> subscription : table.subscriptions(topic)) {
            subscription.deliver(message);
        }
    }

    @Override
    public <T> void broadcastFrom(Subscription sender, Topic<T> topic, T message) {
        Objects.requireNonNull(sender, "sender");
        Objects.requireNonNull(message, "message");
        checkOpen();
        for (LocalSubscription<T> subscription : table.subscriptions(topic)) {
            if (subscription != sender) {
                subscription.deliver(message);
            }
        }
    }

    @Override
    public <T> void broadcastLocally(Topic<T> topic, T message) {
        broadcast(topic, message);
    }

    @Override
    public List<Subscription> subscribers(String topic) {
        return List.of(table.subscriptions(topic));
    }

    @Override
    public int count(String topic) {
        return table.subscriptions(topic).length;
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
        return new LocalPubSub("scope \"" + scope + "\"", mailbox, closed -> scopes.remove(scope, closed));
    }

    @Override
    public void close() {
        // First, so that whoever asks for the scope from now on gets an open one.
        forget.accept(this);
        closed = true;
        table.clear().forEach(LocalSubscription::stop);
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
