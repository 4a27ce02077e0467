package io.heliodor.process;

import io.heliodor.type.Type;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/**
 * The inbox of a process, for its body: messages, children and monitors. It belongs to the thread of the process;
 * calls from others throw {@link IllegalStateException}.
 *
 * <p>It holds 65 536 messages. Messages that arrive while it is full are dropped and counted, and a warning is logged once
 * until it was empty. Messages that cannot be decoded as the type of the process are dropped and counted, too.
 *
 * <p>From the return of a {@code receive} to the next, the thread's {@link io.heliodor.pubsub.Correlation} is that of the message.
 *
 * @param <M> the type of the messages
 */
public interface Inbox<M> {
    /**
     * The process itself.
     *
     * @return its address
     */
    Pid<M> self();

    /**
     * Waits for the next message.
     *
     * @return it
     * @throws InterruptedException when the end of the process is requested (the messages that wait are lost), or the
     *     thread is interrupted
     */
    M receive() throws InterruptedException;

    /**
     * Waits for the next message, for some time.
     *
     * @param timeout how long; with 0 or less only a message that is there already is returned
     * @return it, or nothing when none came
     * @throws InterruptedException when the end of the process is requested (the messages that wait are lost), or the
     *     thread is interrupted
     */
    Optional<M> receive(Duration timeout) throws InterruptedException;

    /**
     * Sends a message to this process when another one ends: once, and at once if that process has ended or never existed.
     * This message is never dropped because the inbox is full. It may wait for a session that is about to open, as
     * {@link Pid#send} does.
     *
     * @param pid the other process
     * @param message makes the message; called on the thread of this process when it is received
     * @return closing it ends the monitor; from then on the message does not come
     * @throws LimitReached when this node has 1 000 000 monitors
     */
    Monitor monitor(Pid<?> pid, Function<? super Down, ? extends M> message);

    /**
     * Sends a message to this process when a node leaves the view: once, and at once if the node is not in
     * it. A node that is started again has left. This message is never dropped because the inbox is full.
     *
     * @param node its name
     * @param message makes the message; called on the thread of this process when it is received
     * @return closing it ends the monitor; from then on the message does not come
     * @throws LimitReached when this node has 1 000 000 monitors
     */
    Monitor monitorNode(String node, Function<? super NodeDown, ? extends M> message);

    /**
     * Starts a process that ends with this one. When this process ends, however it does, its children are requested to end,
     * the youngest first, and the next only when that one has ended; one that has not ended after 5 seconds is
     * interrupted. Only then its monitors fire. The end of a child does nothing to its parent;
     * {@link #monitor} it, or let a {@link Supervisor} do so.
     *
     * @param type the class of its messages
     * @param body its body
     * @param <C> the class of its messages
     * @return its address
     * @throws IllegalArgumentException when messages of the type cannot go to other nodes
     * @throws LimitReached when this node has 1 000 000 processes
     */
    default <C> Pid<C> spawn(Class<C> type, Body<C> body) {
        return spawn(Type.of(type), body);
    }

    /**
     * Starts a process that ends with this one, as {@link #spawn(Class, Body)} does.
     *
     * @param type the type of its messages
     * @param body its body
     * @param <C> the type of its messages
     * @return its address
     * @throws IllegalArgumentException when messages of the type cannot go to other nodes
     * @throws LimitReached when this node has 1 000 000 processes
     */
    <C> Pid<C> spawn(Type<C> type, Body<C> body);

    /**
     * Requests the end of a child and waits for it: its next {@code receive} throws, and if it has not ended after the
     * grace, its thread is interrupted. One that does not end within a second grace is abandoned, with an error in the
     * log.
     *
     * @param child a process that this one has spawned
     * @param grace how long it may take by itself
     * @return whether it has ended
     * @throws InterruptedException when this thread is interrupted while it waits; the child is still ended
     * @throws IllegalArgumentException when the process is not a child of this one and still runs
     */
    boolean stop(Pid<?> child, Duration grace) throws InterruptedException;
}
