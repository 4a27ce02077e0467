package io.heliodor.inspect;

/** Receives the frames of a trace. */
@FunctionalInterface
public interface FrameObserver {
    /**
     * Called for each frame.
     *
     * <p><b>Threads:</b> event loops, and threads that broadcast; several may call it at the same time. <b>Blocking:</b> it must not
     * block. An exception is logged, and has no other effect.
     *
     * @param frame the frame; its payload may be read during the call only
     */
    void traced(TracedFrame frame);
}
