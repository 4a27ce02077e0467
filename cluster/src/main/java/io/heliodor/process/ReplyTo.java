package io.heliodor.process;

/**
 * The address of an answer. It may be kept, handed to other threads, and sent to other processes on any node.
 *
 * <p>As part of a message that goes to another node it must be declared with its type argument, such as
 * {@code ReplyTo<Integer>}: the answer is read as that type.
 *
 * @param <R> the type of the answer
 */
public interface ReplyTo<R> {
    /**
     * Gives the answer, from any thread, once: further ones are ignored and counted, and so is one that comes too late.
     * It may wait as {@link Pid#send} does when the caller is on another node.
     *
     * @param value the answer
     * @throws IllegalArgumentException when it cannot be written for the node of the caller, who gets
     *     {@link CallOutcome.Failed}
     */
    void reply(R value);

    /**
     * Whether the caller does not wait any more: after a timeout, because it was interrupted, or because its node left. Then
     * the work may stop.
     *
     * @return true if the caller does not wait any more. After it was passed on to a third process it may return false
     *     for ever
     */
    boolean cancelled();
}
