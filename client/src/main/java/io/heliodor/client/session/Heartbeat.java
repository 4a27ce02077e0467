package io.heliodor.client.session;

import io.heliodor.client.wire.Frame;
import io.heliodor.client.wire.Payload;

/**
 * The heartbeat of an open connection. Any frame of the server is a sign of life. While reading is paused none can come, so the time does
 * not count.
 */
final class Heartbeat {
    private static final Payload EMPTY = Payload.json("{}");

    private final Session session;
    private final Alarm beat;
    private final Alarm silence;
    private boolean isAwaited;

    Heartbeat(Session session, Runnable onSilence) {
        this.session = session;
        this.beat = new Alarm(session.timers(), this::send);
        this.silence = new Alarm(session.timers(), onSilence);
    }

    void start() {
        isAwaited = false;
        beat.set(session.now() + session.timing().heartbeat());
    }

    void stop() {
        beat.clear();
        silence.clear();
    }

    private void send() {
        beat.set(session.now() + session.timing().heartbeat());
        session.queue().add(Outgoing.control(null, session.queue().nextRef(), Frame.CONNECTION, "heartbeat", EMPTY));
        if (!isAwaited) {
            isAwaited = true;
            awaitFrame();
        }
    }

    void received() {
        isAwaited = false;
        silence.clear();
    }

    /** Reading was paused or resumed. */
    void pausedOrResumed() {
        if (session.window().isPaused()) {
            silence.clear();
        } else if (isAwaited) {
            awaitFrame();
        }
    }

    private void awaitFrame() {
        if (!session.window().isPaused()) {
            silence.set(session.now() + session.timing().heartbeat());
        }
    }
}
