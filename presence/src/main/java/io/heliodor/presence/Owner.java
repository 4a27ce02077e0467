package io.heliodor.presence;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * An owner of presences that is not a channel, such as a device, a job, or a bridge to another system. It ends by {@link #close}.
 *
 * {@snippet lang="java" :
 * try (Owner printer = Owner.of("office:3")) {
 *     presence.track(printer, "printer-7", new Online("laser"));
 *     work();
 * }
 * }
 *
 * <p>Any thread may use it.
 */
public final class Owner implements PresenceOwner, AutoCloseable {
    private final String topic;

    /** The tasks to run at the end. Guarded by this. */
    private final List<Runnable> atEnd = new ArrayList<>(1);

    private boolean ended;

    private Owner(String topic) {
        this.topic = topic;
    }

    /**
     * An owner on a topic.
     *
     * @param topic the topic of its presences, unless another one is given
     * @return an open owner
     */
    public static Owner of(String topic) {
        return new Owner(Objects.requireNonNull(topic, "topic"));
    }

    @Override
    public String topic() {
        return topic;
    }

    @Override
    public void onEnd(Runnable done) {
        Objects.requireNonNull(done, "done");
        synchronized (this) {
            if (!ended) {
                atEnd.add(done);
                return;
            }
        }
        done.run();
    }

    /** Ends the owner, which removes its presences. Closing again does nothing. */
    @Override
    public void close() {
        List<Runnable> all;
        synchronized (this) {
            ended = true;
            all = List.copyOf(atEnd);
            atEnd.clear();
        }
        all.forEach(Runnable::run);
    }
}
