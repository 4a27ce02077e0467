package io.heliodor.process;

/**
 * The program of a process: usually a loop around {@link Inbox#receive()}.
 *
 * @param <M> the type of the messages that it gets
 */
@FunctionalInterface
public interface Body<M> {
    /**
     * Runs on a virtual thread of its own; it may block. When it returns the process has ended as {@link Exit.Normal},
     * when it throws as {@link Exit.Failed}.
     *
     * @param inbox the inbox of the process; for this thread only
     * @throws Exception to end as failed. An {@link InterruptedException} after the end of the process was requested is a
     *     normal end
     */
    void run(Inbox<M> inbox) throws Exception;
}
