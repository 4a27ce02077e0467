package io.heliodor.session.lane;

import java.util.List;

/**
 * The event loop of a {@link Lane}, implemented by the transport.
 */
public interface Loop {
    /**
     * Whether the caller runs on it.
     *
     * @return whether this is the loop's thread
     */
    boolean inEventLoop();

    /**
     * Runs a task on the loop; when called on it, after everything that the present turn still reads.
     *
     * @param task what to run
     * @return false if the loop has ended, and the task does not run
     */
    boolean execute(Runnable task);

    /**
     * Runs something on the loop later.
     *
     * @param task what to run
     * @param nanos after how many nanoseconds
     */
    void schedule(Runnable task, long nanos);

    /**
     * Runs a task on the loop after the tasks that wait now, and before the loop reads and writes its sockets again. A task
     * that it executes runs after that I/O. Called on the loop.
     *
     * @param task what to run
     */
    void afterTasks(Runnable task);

    /**
     * Makes messages ready to be written to many connections: framed once, in one buffer.
     *
     * @param messages whole text messages, in order
     * @return the buffer, to be released once
     */
    Shared share(List<byte[]> messages);

    /** Messages ready to be written to many connections. Used on the loop alone. */
    interface Shared {
        /**
         * The size of the buffer.
         *
         * @return bytes
         */
        int bytes();

        /**
         * A range of the messages. It shares the buffer and keeps all of it alive.
         *
         * @param from the index of the first message, from 0
         * @param to the index after the last message
         * @return the range, to be released once
         */
        Shared range(int from, int to);

        /** Keeps the buffer once more. */
        void retain();

        /** Gives the buffer back, once for its making and once for each {@link #retain}. */
        void release();
    }
}
