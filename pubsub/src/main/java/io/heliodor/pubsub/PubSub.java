package io.heliodor.pubsub;

import io.heliodor.pubsub.engine.ClusterPubSub;
import io.heliodor.type.Type;
import java.time.Duration;
import java.util.Objects;

/**
 * Typed publish/subscribe by topic, without a broker.
 *
 * {@snippet :
 * record OrderPlaced(long id, int cents) {}
 *
 * static final Topic<OrderPlaced> ORDERS = Topic.of("orders", OrderPlaced.class);
 *
 * try (PubSub pubsub = PubSub.local()) {
 *     Subscription audit = pubsub.subscribe(ORDERS, order -> ledger.add(order.cents()));
 *     pubsub.broadcast(ORDERS, new OrderPlaced(1, 990));
 *     audit.close();
 * }
 * }
 *
 * <p><b>Delivery.</b> A message is delivered to the subscriptions that its topic has when it is published. Each of them gets it at
 * most once. It is not kept for later subscriptions. There are two kinds of losses. A full mailbox drops the newest message and counts
 * it ({@link Subscription#dropped()}), and a closed subscription discards its waiting messages. Messages are passed by reference, so
 * they should be immutable.
 *
 * <p><b>Order.</b> Each subscriber gets the messages of one thread on one topic in the order of publication. There is no order
 * between publishers, nor between topics. Publication happens before delivery (in the sense of the Java memory model).
 *
 * <p><b>Types.</b> A topic is identified by its name. A name with subscriptions has their type. To subscribe or publish with another
 * type is an {@link IllegalArgumentException} that names both. After the end of the last subscription the name has no type. Two
 * types are the same if their {@link Type}s are equal; a subtype is another type.
 *
 * <p><b>Subscriptions.</b> Each call of {@code subscribe} makes a subscription of its own: to subscribe twice delivers twice, and
 * closing one leaves the other open. A topic needs no creation, and takes no memory after its last subscription has closed.
 * The amortized cost of subscribing and closing is constant.
 *
 * <p><b>Threads.</b> All methods may be called from any thread, also from within a subscriber. No method waits for a subscriber, apart
 * from those of {@link #subscribeInline subscribeInline}, which run within the broadcast.
 *
 * <p><b>Close.</b> {@link #close()} ends it. After that {@code subscribe}, {@code subscribeInline}, {@code scope} and
 * every {@code broadcast} throw {@link IllegalStateException}; {@code count} returns 0.
 */
public interface PubSub extends AutoCloseable {
    /**
     * A PubSub within this JVM with mailboxes of 10 000 messages. It is independent of all others.
     *
     * @return an open PubSub
     */
    static PubSub local() {
        return local(ClusterPubSub.MAILBOX_CAPACITY);
    }

    /**
     * A PubSub within this JVM. It is independent of all others.
     *
     * @param mailbox the maximum number of messages that wait for one subscriber, beyond which the newest is dropped: 1 or more. A
     *     higher value absorbs longer bursts, and costs the memory of the waiting messages
     * @return an open PubSub
     */
    static PubSub local(int mailbox) {
        return ClusterPubSub.local(mailbox);
    }

    /**
     * Subscribes with a mailbox: the subscriber runs on a thread of its own and may block.
     *
     * <p>Messages wait in a mailbox of this subscription, so a slow subscriber delays no other. When the mailbox is full, the newest
     * message is dropped and counted ({@link Subscription#dropped()}), and one warning is logged. The next warning comes only after
     * the mailbox was empty in between. An exception of the subscriber is logged as an error, and the subscription stays open.
     *
     * <p><b>Threads:</b> a virtual thread, one message at a time. Each call happens before the next one, so the subscriber's own state
     * needs no lock. The thread exists only while messages wait, so calls may run on different threads.
     *
     * <p><b>Blocking:</b> allowed.
     *
     * @param topic the topic
     * @param subscriber receives each message
     * @param <T> the type of the messages
     * @return the subscription; it gets all messages published after the return of this method (between nodes: after
     *     {@link Subscription#ready()} completed)
     * @throws IllegalArgumentException if the topic has subscriptions of another type
     * @throws IllegalStateException if this PubSub is closed
     */
    <T> Subscription subscribe(Topic<T> topic, Subscriber<? super T> subscriber);

    /**
     * Subscribes without a mailbox: the subscriber runs within the broadcast. It is for code that passes messages on at once, and for
     * which a thread switch would cost more than the work. All other code uses {@link #subscribe}.
     *
     * <p>Inline subscribers are called in the order of their subscriptions, after the message was put into every mailbox of the topic.
     * If one publishes on its own topic within a call, later inline subscribers get the inner message before the outer one;
     * subscribers with a mailbox do not. An exception is logged as an error, and affects neither the publisher nor other
     * subscribers. Messages of this node are never dropped.
     *
     * <p><b>Threads:</b> the publisher's thread; for messages of another node a virtual thread of this one. Several publishers may
     * call it at the same time.
     *
     * <p><b>Blocking:</b> forbidden, since it would delay the publisher and later subscribers. The publisher may be an event loop.
     * Meanwhile messages of other nodes wait, up to 4 MiB and a second; then they are dropped and counted.
     *
     * @param topic the topic
     * @param subscriber receives each message
     * @param <T> the type of the messages
     * @return the subscription; it gets all messages published after the return of this method (between nodes: after
     *     {@link Subscription#ready()} completed)
     * @throws IllegalArgumentException if the topic has subscriptions of another type
     * @throws IllegalStateException if this PubSub is closed
     */
    <T> Subscription subscribeInline(Topic<T> topic, Subscriber<? super T> subscriber);

    /**
     * Publishes to all subscriptions of the topic, on all nodes. Without subscriptions, nothing happens.
     *
     * <p><b>Blocking:</b> it does not wait for subscribers with a mailbox; {@linkplain #subscribeInline inline} subscribers run within
     * it. While the queue to another node is full, a virtual thread waits for up to a second, and any other thread does not wait.
     * After that the message is dropped for that node and counted.
     *
     * @param topic the topic
     * @param message the message
     * @param <T> the type of the message
     * @throws IllegalArgumentException if the topic has subscriptions of another type, or, on the PubSub of a node, messages
     *     of the type cannot be sent to other nodes; no subscriber got the message then
     * @throws IllegalStateException if this PubSub is closed
     */
    <T> void broadcast(Topic<T> topic, T message);

    /**
     * Publishes to all subscriptions of the topic except one, on all nodes.
     *
     * @param sender the subscription to leave out. If it belongs to another topic or PubSub, or is closed, no subscription is left out
     * @param topic the topic
     * @param message the message
     * @param <T> the type of the message
     * @throws IllegalArgumentException if the topic has subscriptions of another type, or, on the PubSub of a node, messages
     *     of the type cannot be sent to other nodes; no subscriber got the message then
     * @throws IllegalStateException if this PubSub is closed
     */
    <T> void broadcastFrom(Subscription sender, Topic<T> topic, T message);

    /**
     * Publishes to all subscriptions of the topic on this node only. On a PubSub of one JVM it equals {@link #broadcast}.
     *
     * @param topic the topic
     * @param message the message
     * @param <T> the type of the message
     * @throws IllegalArgumentException if the topic has subscriptions of another type; no subscriber got the message then
     * @throws IllegalStateException if this PubSub is closed
     */
    <T> void broadcastLocally(Topic<T> topic, T message);

    /**
     * Publishes to all subscriptions of the topic except one, on this node only.
     *
     * @param sender the subscription to leave out, as for {@link #broadcastFrom}
     * @param topic the topic
     * @param message the message
     * @param <T> the type of the message
     * @throws IllegalArgumentException if the topic has subscriptions of another type; no subscriber got the message then
     * @throws IllegalStateException if this PubSub is closed
     */
    <T> void broadcastLocallyFrom(Subscription sender, Topic<T> topic, T message);

    /**
     * Publishes to all subscriptions of the topic on one node. The messages of one thread to one node arrive in order, including
     * those of {@link #broadcast}.
     *
     * @param node the name of the node, such as {@code a@host}; may be this one
     * @param topic the topic
     * @param message the message
     * @param <T> the type of the message
     * @return false if the node is not in the view
     * @throws IllegalArgumentException if the topic has subscriptions of another type here, or messages of the type cannot be sent
     *     to other nodes
     * @throws IllegalStateException if this PubSub is closed
     */
    <T> boolean broadcastTo(String node, Topic<T> topic, T message);

    /**
     * The number of subscriptions of a topic on this node.
     *
     * @param topic the name of the topic
     * @return 0 or more
     */
    int count(String topic);

    /**
     * The number of subscriptions of a topic on this node.
     *
     * @param topic the topic
     * @return 0 or more
     */
    default int count(Topic<?> topic) {
        Objects.requireNonNull(topic, "topic");
        return count(topic.name());
    }

    /**
     * The number of subscriptions of a topic on all nodes. Sends a request to the nodes with subscriptions, and blocks until they have
     * responded.
     *
     * @param topic the name of the topic
     * @param within how long to wait at most
     * @return the sum; a node that did not respond in time counts 0
     */
    int countAll(String topic, Duration within);

    /**
     * The number of subscriptions of a topic on all nodes, as {@link #countAll(String, Duration)}.
     *
     * @param topic the topic
     * @param within how long to wait at most
     * @return the sum; a node that did not respond in time counts 0
     */
    default int countAll(Topic<?> topic, Duration within) {
        Objects.requireNonNull(topic, "topic");
        Objects.requireNonNull(within, "within");
        return countAll(topic.name(), within);
    }

    /**
     * A PubSub with a name space of its own for topics. Topics of one name in two scopes, or in a scope and this PubSub, are different
     * topics and may have different types.
     *
     * <p>The same name returns the same scope until it is closed, and a scope may have scopes. Closing a scope ends the subscriptions
     * made through it and through its scopes, and nothing else. It stays closed, and a later call with its name opens a new one.
     * Closing this PubSub closes its scopes. A scope takes memory until it is closed, so name scopes after parts of the
     * application, not after its users.
     *
     * @param name its name: 1 to 255 bytes of UTF-8 without control characters
     * @return the scope
     * @throws IllegalArgumentException if the name breaks the rule
     * @throws IllegalStateException if this PubSub is closed
     */
    PubSub scope(String name);

    /**
     * Whether messages are also sent to other nodes. Such messages need a serializable form: a record of values, or a type with a
     * codec in the node.
     *
     * @return true on the PubSub of a node and its scopes
     */
    boolean spansNodes();

    /**
     * Closes all subscriptions and scopes. It does not wait for running calls of subscribers. Closing again does nothing.
     */
    @Override
    void close();
}
