package io.heliodor.process;

import java.time.Duration;
import java.util.function.Function;

/**
 * The address of a process, on this node or another. It may be sent to other nodes inside messages and works the same
 * there. Two are equal when they mean the same process; a process that was started again is another one.
 *
 * <p>Messages to a process of this node are handed over as they are, so they should be immutable, as records are; those to
 * other nodes are copied as bytes. Messages that one thread sends to one process arrive in order and once while both nodes
 * stay in each other's view; when a session between nodes ends there may be a gap, never a repeat. A message to a process
 * that has ended, or that cannot be reached, is lost without an error: {@link Inbox#monitor} reports the end.
 *
 * <p>Any thread may use it.
 *
 * @param <M> the type of the messages that the process takes
 */
public interface Pid<M> {
    /**
     * The node of the process.
     *
     * @return the name of its node
     */
    String node();

    /**
     * Sends a message.
     *
     * <p><b>Blocking:</b> 1 second at most, while there is no room on the way to another node, or while the session to a node
     * that has just joined is not open yet. Not for event loops: see {@link #trySend}.
     *
     * @param message the message
     * @return false when it was not sent, which is counted: the process of this node has ended or its inbox is full, or there
     *     was no session to its node or no room on the way there in that time. True does not mean that it arrives
     * @throws IllegalArgumentException when it cannot be written for another node; {@link io.heliodor.codec.TooLarge} if
     *     it has too many bytes
     */
    boolean send(M message);

    /**
     * Sends a message if that is possible at once. Never blocks.
     *
     * @param message the message
     * @return false when it was not sent: the process of this node has ended or its inbox is full, there is no session to
     *     its node, or no room on the way there. True does not mean that it arrives
     * @throws IllegalArgumentException when it cannot be written for another node; {@link io.heliodor.codec.TooLarge} if
     *     it has too many bytes
     */
    boolean trySend(M message);

    /**
     * Sends a message and waits for the answer.
     *
     * <pre>{@code
     * int total = counter.call(NodeCounter.Read::new, Duration.ofSeconds(1)).orThrow();
     * }</pre>
     *
     * <p>When it ends without an answer, the callee is notified: {@link ReplyTo#cancelled()}. When the thread is interrupted
     * the outcome is {@link CallOutcome.Failed} of the type {@code interrupted}, and the thread is still interrupted.
     *
     * @param message makes the message around the address of the answer; it must be part of it
     * @param timeout how long to wait; with 0 or less nothing is sent
     * @param <R> the type of the answer
     * @return how it ended; never later than the time-out
     * @throws IllegalArgumentException when the message cannot be written for another node, or does not hold the
     *     {@code ReplyTo}
     */
    <R> CallOutcome<R> call(Function<ReplyTo<R>, ? extends M> message, Duration timeout);
}
