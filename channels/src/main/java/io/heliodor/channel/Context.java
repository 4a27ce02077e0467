package io.heliodor.channel;

import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.presence.PresenceOwner;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import java.util.function.UnaryOperator;

/**
 * One joined channel.
 *
 * <p>The handlers of one joined channel run one at a time, on virtual threads, and may block. Their pushes, replies and broadcasts reach
 * the client in the order in which they were sent.
 *
 * <p>{@link #assign} and {@link #update} are for handlers and {@link Channel.Builder#onJoined onJoined} hooks. Any thread may call the other
 * methods; after the end of the channel their messages are dropped and counted. {@link #push} and replies block like {@link #broadcast}
 * while the queue of an event loop is full, and in no other case.
 *
 * @param <S> the type of the connection's assigns
 * @param <A> the type of the channel's assigns
 */
public interface Context<S, A> extends PresenceOwner {
    /**
     * The state of this channel.
     *
     * @return the assigns: an immutable value, replaced by {@link #assign} or {@link #update}
     */
    A assigns();

    /**
     * Replaces the assigns.
     *
     * @param next the new assigns
     * @throws NullPointerException if they are null
     * @throws IllegalStateException if called from a thread that runs no handler and no such hook of this channel
     */
    void assign(A next);

    /**
     * Changes the assigns.
     *
     * @param change returns the next assigns for the present ones
     * @throws NullPointerException if it returns null
     * @throws IllegalStateException if called from a thread that runs no handler and no such hook of this channel
     */
    void update(UnaryOperator<A> change);

    /**
     * The topic.
     *
     * @return its full name
     */
    @Override
    String topic();

    /**
     * The part of the topic for which the pattern's {@code *} stands.
     *
     * @return the rest of the topic; the whole topic under a pattern without a wildcard
     */
    String subtopic();

    /**
     * The client's connection.
     *
     * @return the socket that this channel was joined on
     */
    Socket<S> socket();

    /**
     * The channels of the endpoint: to reach the members of other topics, and connections by their ids.
     *
     * @return always the same
     */
    Channels channels();

    /**
     * Sends an event to this client only.
     *
     * @param event the event
     * @param payload its payload
     * @param <T> the type of the payload
     * @return {@link NoReply}, to end a handler with
     * @throws IllegalArgumentException if the payload is not written as a JSON object
     */
    <T> NoReply push(Event<T> event, T payload);

    /**
     * Sends an event without a payload to this client only.
     *
     * @param event the event
     * @return {@link NoReply}, to end a handler with
     */
    default NoReply push(Event<Empty> event) {
        return push(event, Empty.EMPTY);
    }

    /**
     * Sends an event to this client only, under a topic that the client has not joined and this channel declares by
     * {@link Channel.Builder#pushTopics}. The frame has no {@code join_ref}; phoenix.js passes it to {@code socket.onMessage} only. It
     * keeps its place among the other messages of this channel, and is dropped after the end of the channel.
     *
     * @param topic the topic
     * @param event the event
     * @param payload its payload
     * @param <T> the type of the payload
     * @return {@link NoReply}, to end a handler with
     * @throws IllegalArgumentException if the channel does not declare the topic, if it is not a valid topic, or if the payload is not
     *     written as a JSON object
     */
    <T> NoReply pushUnder(String topic, Event<T> event, T payload);

    /**
     * Sends an event to all members of the topic, including this client.
     *
     * <p><b>Blocking:</b> A broadcast waits neither for clients nor for subscribers: it returns when the message is in
     * their queues. The calling thread waits in three cases. It waits while an event loop with members of the topic has
     * more than 12 MiB of broadcasts to write, each once for each member; the loop empties that queue whether clients read
     * or not. While the queue to another node is full, a virtual thread waits for up to a second, and any other thread
     * does not wait. After that the message is dropped for that node and counted. It waits for up to two seconds if the
     * history of the topic begins on this node with this message, and requests the messages of the other nodes.
     *
     * @param event the event
     * @param payload its payload
     * @param <T> the type of the payload
     * @return {@link NoReply}, to end a handler with
     * @throws IllegalArgumentException if the payload is not written as a JSON object
     */
    <T> NoReply broadcast(Event<T> event, T payload);

    /**
     * Sends an event to all members of the topic except this client. It waits in the cases of {@link #broadcast}.
     *
     * @param event the event
     * @param payload its payload
     * @param <T> the type of the payload
     * @return {@link NoReply}, to end a handler with
     * @throws IllegalArgumentException if the payload is not written as a JSON object
     */
    <T> NoReply broadcastFrom(Event<T> event, T payload);

    /**
     * Ends this channel, as {@link Stop} does: for {@link Channel.Builder#onJoined onJoined} hooks, which return nothing, and for other
     * threads. The client gets {@code phx_close} and does not join again by itself. Does nothing if the channel is ending.
     *
     * <p>Called in a handler or hook of this channel, it ends the channel when that has returned; further onJoined hooks are skipped.
     * Called on another thread, it ends the channel at once: a running handler is not interrupted, and its later messages are dropped.
     *
     * @param why the reason, for {@link LeaveReason.Stopped}
     */
    void stop(String why);

    /**
     * Sends an info message to this channel: its handler, declared with {@link Channel.Builder#onInfo onInfo}, gets it in turn.
     *
     * @param message the message
     * @param content its content
     * @param <T> the type of its content
     * @return false if the channel has ended or its mailbox is full (1 000 messages or 1 MiB, unless the endpoint's
     *     limits have other values); the message is dropped then, and counted
     * @throws IllegalArgumentException if the channel has no handler for the message
     */
    <T> boolean send(InfoMessage<T> message, T content);

    /**
     * Subscribes this channel to a topic of the endpoint's pub/sub, until the channel ends. The handler given to
     * {@link Channel.Builder#onPublished onPublished} for the topic gets its
     * messages. A message to a full mailbox is dropped and counted; messages that wait when the subscription is closed are still handled.
     * Another subscription to the topic ends the earlier one.
     *
     * @param topic the topic
     * @param <T> the type of its messages
     * @return the subscription, to end it earlier
     * @throws IllegalArgumentException if the channel has no handler for the topic
     */
    <T> Subscription subscribe(Topic<T> topic);

    /**
     * Runs a task when this channel ends, for whatever reason; at once if it has ended.
     *
     * <p><b>Threads:</b> the thread that ends the channel, after the leave hooks. <b>Blocking:</b> forbidden.
     *
     * @param done the task, which runs once
     */
    @Override
    void onEnd(Runnable done);
}
