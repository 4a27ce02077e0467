package io.heliodor.channel;

import io.heliodor.directory.Directory;
import io.heliodor.event.CloseCode;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.pubsub.PubSub;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionStage;

/**
 * The channels of a pub/sub, for code outside of them: broadcasts to the members of topics, and operations on connections by their ids.
 *
 * {@snippet lang="java" :
 * Channels channels = Channels.over(pubsub); // before the channels and the endpoint over the same pub/sub
 * channels.broadcast("room:lobby", NOTICE, new Notice("maintenance at noon"));
 * channels.disconnect("user:42");
 * }
 *
 * <p>It reaches all nodes of the pub/sub. An endpoint over the pub/sub in this JVM performs each call: of several endpoints the first whose
 * sockets have a channel for the topic, or else the first. The endpoint need not be started. Without an endpoint every method throws,
 * since no channel declares which events are kept in a {@link History}.
 *
 * <p><b>Threads:</b> any thread may use it.
 */
public interface Channels {
    /**
     * The channels of the endpoints over a pub/sub, which may be built later.
     *
     * @param pubsub the pub/sub of the endpoints; it stays open
     * @return a stateless object, which need not be closed
     * @throws IllegalStateException if the pub/sub is closed
     */
    static Channels over(PubSub pubsub) {
        return new ChannelsOfPubSub(new Directory<>(Objects.requireNonNull(pubsub, "pubsub"), Channels.class));
    }

    /**
     * These channels, whose messages pass a hook: those of {@link #broadcast}, {@link #push}, {@link #disconnect}, {@link #kick}, {@link
     * #remove} and {@link #recheck}. Queries do not. The count of a {@link #push} completes after it was sent, and never if it is not.
     *
     * @param hook decides when the messages are sent
     * @return channels whose {@link #now} are these
     */
    default Channels through(SendHook hook) {
        return new HookedChannels(this, Objects.requireNonNull(hook, "hook"));
    }

    /**
     * The channels whose messages are sent at once, whatever a {@link SendHook} decides.
     *
     * @return this object, if there is no hook
     */
    default Channels now() {
        return this;
    }

    /**
     * Sends an event to all members of a topic.
     *
     * <p>Members get the broadcasts of one thread in order.
     *
     * <p><b>Blocking:</b> A broadcast waits neither for clients nor for subscribers: it returns when the message is in
     * their queues. The calling thread waits in three cases. It waits while an event loop with members of the topic has
     * more than 12 MiB of broadcasts to write, each once for each member; the loop empties that queue whether clients read
     * or not. While the queue to another node is full, a virtual thread waits for up to a second, and any other thread
     * does not wait. After that the message is dropped for that node and counted. It waits for up to two seconds if the
     * history of the topic begins on this node with this message, and requests the messages of the other nodes.
     *
     * @param topic the topic, with or without members
     * @param event the event
     * @param payload its payload
     * @param <T> the type of the payload
     * @throws IllegalArgumentException if the payload is not written as a JSON object
     * @throws IllegalStateException if no endpoint over the pub/sub has been built in this JVM, or it is closed
     */
    <T> void broadcast(String topic, Event<T> event, T payload);

    /**
     * Sends an event without a payload to all members of a topic, as {@link #broadcast(String, Event, Object)}.
     *
     * @param topic the topic, with or without members
     * @param event the event
     */
    default void broadcast(String topic, Event<Empty> event) {
        broadcast(topic, event, Empty.EMPTY);
    }

    /**
     * Sends an event to all members of several topics, as {@link #broadcast(String, Event, Object)}; a member of two of them gets it
     * twice. The payload is encoded once.
     *
     * @param topics the topics
     * @param event the event
     * @param payload its payload
     * @param <T> the type of the payload
     */
    <T> void broadcast(Collection<String> topics, Event<T> event, T payload);

    /**
     * Sends an event to every connection that was accepted with an id, on all nodes, independent of its joined topics. A page receives
     * it by {@code socket.onMessage} under the topic {@code phoenix}, as from {@link Socket#push}.
     *
     * <p>It is sent to the connections that are open, at most once, and is not kept: a connection that opens later does not get it, nor
     * one of a node that cannot be reached. Pushes, broadcasts and disconnects of one thread reach each node in order. A client that
     * does not read is closed, as after other pushes.
     *
     * <p><b>Blocking:</b> as {@link #broadcast(String, Event, Object)}: it waits neither for clients nor for other nodes, but while the
     * queue of an event loop or of another node is full.
     *
     * @param socketId the id that {@code connect} gave, 1 to 1 000 bytes of UTF-8
     * @param event the event
     * @param payload its payload; if that is bytes, connections that cannot receive them skip it
     * @param <T> the type of the payload
     * @return the number of connections to which it was sent, 0 or more: on this node, and on the nodes that answer within a second. It
     *     does not fail, and completes after about a second at the latest. Its dependents may block
     * @throws IllegalArgumentException if the payload is not written as a JSON object
     * @throws IllegalStateException if no endpoint over the pub/sub has been built in this JVM, or it is closed
     */
    <T> CompletionStage<Integer> push(String socketId, Event<T> event, T payload);

    /**
     * Closes every connection that was accepted with an id, with code 1001, on all nodes. The clients connect again by themselves; use
     * {@link #kick} for those that must stay away.
     *
     * <p>If a connect handler runs meanwhile and accepts a connection with the id, that is closed when it opens. Calls by the connect handler
     * itself do not close its own connection, so it can end earlier ones of the id.
     *
     * @param socketId the id that {@code connect} gave, 1 to 1 000 bytes of UTF-8
     * @throws IllegalStateException if no endpoint over the pub/sub has been built in this JVM, or it is closed
     */
    void disconnect(String socketId);

    /**
     * Sends a last event to every connection that was accepted with an id, then closes it with {@link CloseCode#FORBIDDEN}, on all nodes.
     * A page receives the event by {@code socket.onMessage} under the topic {@code phoenix}, whatever it has joined. A client that
     * ignores both event and code connects again: refuse it then.
     *
     * <p>A node that cannot be reached does the same when it is back within a minute, and a connection that is being accepted is
     * treated as by {@link #disconnect}. A client that does not read as fast as it is sent to may miss the event, not the close.
     *
     * @param socketId the id that {@code connect} gave, 1 to 1 000 bytes of UTF-8
     * @param event the last event
     * @param payload its payload
     * @param <T> the type of the payload
     * @throws IllegalArgumentException if the payload is not written as a JSON object of at most 1 000 bytes
     * @throws IllegalStateException if no endpoint over the pub/sub has been built in this JVM, or it is closed
     */
    <T> void kick(String socketId, Event<T> event, T payload);

    /**
     * Removes every connection that was accepted with an id from a topic, on all nodes. The client gets {@code phx_close} and does
     * not join again by itself; its connection and its other channels stay open. The leave hook gets {@link LeaveReason.Removed}; a
     * running handler is not interrupted. A join whose handler runs is refused with the reason {@code removed}.
     *
     * <p>It does not prevent a later join: let the join handler refuse it. A node that cannot be reached does the same when it is back
     * within a minute, to channels that were joined before.
     *
     * @param socketId the id that {@code connect} gave, 1 to 1 000 bytes of UTF-8
     * @param topic the topic
     * @throws IllegalArgumentException if it is not a topic
     * @throws IllegalStateException if no endpoint over the pub/sub has been built in this JVM, or it is closed
     */
    void remove(String socketId, String topic);

    /**
     * Checks the {@linkplain Channel.Builder#authorize rights} of every connection that was accepted with an id again, on all nodes: for
     * a right that was taken away. A channel without its right ends: the client gets {@code phx_close} with the reason
     * {@code unauthorized} and does not join again by itself, and the leave hook gets {@link LeaveReason.Unauthorized}. A join without it is
     * refused. Channels without an authorization stay.
     *
     * <p>The checks see the assigns that the connections have. Rights in these change by another {@linkplain
     * UserSocket.Builder#onRefresh token}, or by {@link #disconnect}. A node that cannot be reached does the same when it is back within a
     * minute.
     *
     * @param socketId the id that {@code connect} gave, 1 to 1 000 bytes of UTF-8
     * @throws IllegalStateException if no endpoint over the pub/sub has been built in this JVM, or it is closed
     */
    void recheck(String socketId);

    /**
     * The connections that were accepted with an id and are open on this node. Those of other nodes are not in the list: {@link #push},
     * {@link #disconnect}, {@link #kick} and {@link #remove} reach all.
     *
     * @param socketId the id that {@code connect} gave, 1 to 1 000 bytes of UTF-8
     * @return an immutable list in no promised order; empty if there are none
     * @throws IllegalStateException if no endpoint over the pub/sub has been built in this JVM, or it is closed
     */
    List<Socket<?>> localConnections(String socketId);

    /**
     * The connections on this node that have joined a topic. A presence lists the members of all nodes, and {@link #memberCount} counts
     * them.
     *
     * <p><b>Blocking:</b> waits for the event loops of the members, as a rule less than a millisecond. Not to be called on an event loop.
     *
     * @param topic the topic
     * @return an immutable list in no promised order; empty if there are none
     * @throws IllegalStateException if no endpoint over the pub/sub has been built in this JVM, or it is closed
     */
    List<Socket<?>> localMembers(String topic);

    /**
     * The number of connections that have joined a topic, on all nodes. A connection counts from the acceptance of its join until it leaves.
     *
     * <p><b>Blocking:</b> it does not block on one node. On several, it sends requests to nodes with the topic and waits for two seconds at
     * most; a node that does not respond in time counts 0. Not to be called on an event loop.
     *
     * @param topic the topic
     * @return 0 or more
     * @throws IllegalStateException if no endpoint over the pub/sub has been built in this JVM, or it is closed
     */
    int memberCount(String topic);

    /**
     * The newest messages that the {@link History} of a topic keeps, the newest first. In a cluster those of all nodes.
     *
     * <p><b>Blocking:</b> it does not block if this node keeps the topic. Otherwise it gets the messages from other nodes, which takes up to
     * two seconds if one of them does not respond. Not to be called on an event loop.
     *
     * @param topic the topic
     * @param limit their maximum number: 1 or more
     * @return the messages; none if no node keeps the topic, or no channel of the endpoint does
     * @throws IllegalArgumentException if the limit is less than 1
     * @throws IllegalStateException if no endpoint over the pub/sub has been built in this JVM
     */
    KeptMessages newest(String topic, int limit);

    /**
     * The messages that the history of a topic keeps after a token, the oldest first. Further calls with the token of the
     * result read all parts, one after the other.
     *
     * <p><b>Blocking:</b> as {@link #newest}.
     *
     * @param topic the topic
     * @param token the token of a message or a result, from any node; any other text recovers no message
     * @param limit their maximum number: 1 or more
     * @return the messages; {@code recovered} is false, and there are none, if those after the token are not all kept any more
     * @throws IllegalArgumentException if the limit is less than 1
     * @throws IllegalStateException if no endpoint over the pub/sub has been built in this JVM
     */
    KeptMessages since(String topic, String token, int limit);

    /**
     * Whether a channel of the endpoint's sockets has a pattern for a topic.
     *
     * @param topic the topic
     * @return whether clients can send join requests for it
     */
    boolean serves(String topic);
}
