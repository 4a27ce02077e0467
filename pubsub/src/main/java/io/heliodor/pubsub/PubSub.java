package io.heliodor.pubsub;

import io.heliodor.pubsub.engine.ClusterPubSub;
import io.heliodor.type.Type;
import java.time.Duration;

/**
 * Typed publish and subscribe by topic, without a broker.
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
 * <p><b>Delivery.</b> A message goes to the subscriptions that its topic has when it is published. It reaches each of
 * them at most once and is not kept: who subscribes later does not get it. Losses are of two kinds: a mailbox that is
 * full drops the newest message and counts it ({@link Subscription#dropped()}), and a closed subscription discards what
 * waited. Messages are passed by reference, so they should be immutable.
 *
 * <p><b>Order.</b> What one thread publishes on one topic reaches each subscriber in that order. There is no order
 * between publishers, nor between topics. What a thread did before it published is visible to the subscriber.
 *
 * <p><b>Types.</b> A topic is known by its name. As long as a name has subscriptions it has their type: to subscribe or
 * to publish with another one is an {@link IllegalArgumentException} that names both. When the last subscription is
 * gone, so is the type. Two types are the same when their {@link Type}s are equal; a subtype is another type.
 *
 * <p><b>Subscriptions.</b> Each call of {@code subscribe} makes one of its own: subscribing twice delivers twice, and
 * closing one leaves the other. A topic needs no creation and leaves nothing behind when its last subscription is
 * closed. Subscribing and closing copy the topic's list of subscriptions, so they cost as much as it is long.
 *
 * <p><b>Threads.</b> All methods may be called from any thread, also from within a subscriber, and none of them waits
 * for a subscriber (those of {@link #subscribeInline subscribeInline} run within the broadcast itself).
 *
 * <p><b>Life.</b> {@link #close()} ends it. After that {@code subscribe}, {@code subscribeInline}, {@code scope} and
 * every {@code broadcast} throw {@link IllegalStateException}; {@code count} returns 0.
 */
public interface PubSub extends AutoCloseable {
    /**
     * A PubSub within this JVM whose mailboxes hold 10 000 messages. It shares nothing with any other.
     *
     * @return an open PubSub
     */
    static PubSub local() {
        return local(ClusterPubSub.MAILBOX);
    }

    /**
     * A PubSub within this JVM. It shares nothing with any other.
     *
     * @param mailbox how many messages may wait for one subscriber before the newest is dropped: 1 or more. A higher
     *     value bears longer bursts and costs, while they last, a reference for each message and the messages
     *     themselves.
     * @return an open PubSub
     */
    static PubSub local(int mailbox) {
        return ClusterPubSub.local(mailbox);
    }

    /**
     * Subscribes with a mailbox: the subscriber runs apart from the publishers and may block.
     *
     * <p>What is published waits in a mailbox of this subscription alone, so a slow subscriber delays nobody. When the
     * mailbox is full, the newest message is dropped and counted ({@link Subscription#dropped()}), and one warning is
     * logged; the next warning comes only after the mailbox was empty in between. An exception of the subscriber is
     * logged as an error and the subscription lives on.
     *
     * <p><b>Threads:</b> a virtual thread, one message at a time; each call sees what the former did, so state that
     * belongs to the subscriber needs no lock. The thread exists only while messages wait, and is another one after the
     * mailbox was empty.
     *
     * <p><b>Blocking:</b> allowed.
     *
     * @param topic what to subscribe to
     * @param subscriber called with each message
     * @param <T> the type of the messages
     * @return the subscription; what is published after this method returned reaches it (between nodes: after
     *     {@link Subscription#ready()} completed)
     * @throws IllegalArgumentException when the topic has subscriptions of another type
     * @throws IllegalStateException when this PubSub is closed
     */
    <T> Subscription subscribe(Topic<T> topic, Subscriber<? super T> subscriber);

    /**
     * Subscribes without a mailbox: the subscriber runs within the broadcast. For code that hands messages on at once,
     * and for which a thread hop would cost more than the work; all other code wants {@link #subscribe}.
     *
     * <p>Inline subscribers are called in the order in which they subscribed, after the message was put into every
     * mailbox of the topic. One that publishes on its own topic within a call lets the inner message overtake the outer
     * one at the inline subscribers behind it (not at those with a mailbox). An exception is logged as an error;
     * neither the publisher nor the other subscribers notice. Messages of this node are never dropped.
     *
     * <p><b>Threads:</b> the publisher's; for messages of another node a virtual thread of this one. Several publishers
     * call it at the same time.
     *
     * <p><b>Blocking:</b> never; it would hold up the publisher and the subscribers behind it. The publisher may be an
     * event loop. Messages of other nodes wait meanwhile, up to 4 MiB and a second; then they are dropped and counted.
     *
     * @param topic what to subscribe to
     * @param subscriber called with each message
     * @param <T> the type of the messages
     * @return the subscription; what is published after this method returned reaches it (between nodes: after
     *     {@link Subscription#ready()} completed)
     * @throws IllegalArgumentException when the topic has subscriptions of another type
     * @throws IllegalStateException when this PubSub is closed
     */
    <T> Subscription subscribeInline(Topic<T> topic, Subscriber<? super T> subscriber);

    /**
     * Publishes to every subscription of the topic, on every node. Without any, nothing happens.
     *
     * <p><b>Blocking:</b> It waits for no subscriber with a mailbox; an {@linkplain #subscribeInline inline} subscriber runs
     * within it. A virtual thread waits for up to a second while the queue to another node is full, any other thread not at
     * all; then the message is dropped for that node and counted.
     *
     * @param topic where to publish
     * @param message what to publish
     * @param <T> the type of the message
     * @throws IllegalArgumentException when the topic has subscriptions of another type, or, on the PubSub of a node, messages
     *     of the type cannot go to other nodes; no subscriber got the message then
     * @throws IllegalStateException when this PubSub is closed
     */
    <T> void broadcast(Topic<T> topic, T message);

    /**
     * Publishes to every subscription of the topic but one, on every node.
     *
     * @param sender the subscription to leave out. When it belongs to another topic, another PubSub, or is closed,
     *     nobody is left out.
     * @param topic where to publish
     * @param message what to publish
     * @param <T> the type of the message
     * @throws IllegalArgumentException when the topic has subscriptions of another type, or, on the PubSub of a node, messages
     *     of the type cannot go to other nodes; no subscriber got the message then
     * @throws IllegalStateException when this PubSub is closed
     */
    <T> void broadcastFrom(Subscription sender, Topic<T> topic, T message);

    /**
     * Publishes to every subscription of the topic on this node only. On a PubSub of one JVM this is
     * {@link #broadcast}.
     *
     * @param topic where to publish
     * @param message what to publish
     * @param <T> the type of the message
     * @throws IllegalArgumentException when the topic has subscriptions of another type; nobody got the message then
     * @throws IllegalStateException when this PubSub is closed
     */
    <T> void broadcastLocally(Topic<T> topic, T message);

    /**
     * Publishes to every subscription of the topic but one, on this node only.
     *
     * @param sender the subscription to leave out, as for {@link #broadcastFrom}
     * @param topic where to publish
     * @param message what to publish
     * @param <T> the type of the message
     * @throws IllegalArgumentException when the topic has subscriptions of another type; no subscriber got the message then
     * @throws IllegalStateException when this PubSub is closed
     */
    <T> void broadcastLocallyFrom(Subscription sender, Topic<T> topic, T message);

    /**
     * Publishes to every subscription of the topic on one node. Messages of one thread to one node arrive in order, also among
     * those of {@link #broadcast}.
     *
     * @param node the name of the node, such as {@code a@host}; may be this one
     * @param topic where to publish
     * @param message what to publish
     * @param <T> the type of the message
     * @return false if the node is not in the view
     * @throws IllegalArgumentException when the topic has subscriptions of another type here, or messages of the type cannot go to
     *     other nodes
     * @throws IllegalStateException when this PubSub is closed
     */
    <T> boolean broadcastTo(String node, Topic<T> topic, T message);

    /**
     * How many subscriptions a topic has on this node now.
     *
     * @param topic the name of the topic
     * @return 0 or more
     */
    int count(String topic);

    /**
     * How many subscriptions a topic has on all nodes. Asks those that want the topic, and blocks until they have answered.
     *
     * @param topic the name of the topic
     * @param within how long to wait
     * @return the sum; a node that did not answer in time counts 0
     */
    int countAll(String topic, Duration within);

    /**
     * A PubSub with topics of its own: those of different scopes never meet, nor do they meet those of this PubSub, even
     * under the same name and with another type.
     *
     * <p>The same name gives the same scope as long as it is open, and a scope may have scopes. Closing a scope ends the
     * subscriptions made through it and through its scopes, and nothing else; it stays closed, and asking for its name
     * again opens a new one. Closing this PubSub closes its scopes. A scope is kept until it is closed, so name scopes
     * after parts of the application, not after its users.
     *
     * @param name its name: 1 to 255 bytes of UTF-8 without control characters
     * @return the scope
     * @throws IllegalArgumentException when the name is not one
     * @throws IllegalStateException when this PubSub is closed
     */
    PubSub scope(String name);

    /**
     * Whether what is published here goes to other nodes, too. Then a message needs a form that can be sent: a record of
     * values, or what a codec of the node knows.
     *
     * @return whether it does; a scope does when its PubSub does
     */
    boolean spansNodes();

    /**
     * Closes every subscription and every scope. It does not wait: a call that is running may finish. Closing again does
     * nothing.
     */
    @Override
    void close();
}
