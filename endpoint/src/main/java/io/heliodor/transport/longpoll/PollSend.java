package io.heliodor.transport.longpoll;

import io.netty.util.concurrent.ScheduledFuture;
import java.util.List;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** The messages of one POST, and how many were delivered. Only the loop of its session uses it. */
public final class PollSend {
    private final List<PollBody.Message> messages;
    private final IntConsumer answer;
    private int taken;
    private boolean answered;
    private @Nullable ScheduledFuture<?> timer;

    /**
     * A POST whose body was read.
     *
     * @param messages its messages
     * @param answer sends the status; called once, on any loop
     */
    PollSend(List<PollBody.Message> messages, IntConsumer answer) {
        this.messages = messages;
        this.answer = answer;
    }

    /** The next message; null after the last. */
    PollBody.@Nullable Message next() {
        return taken < messages.size() ? messages.get(taken++) : null;
    }

    void setTimer(ScheduledFuture<?> time) {
        timer = time;
    }

    boolean answered() {
        return answered;
    }

    void answer(int status) {
        answered = true;
        if (timer != null) {
            timer.cancel(false);
        }
        answer.accept(status);
    }
}
