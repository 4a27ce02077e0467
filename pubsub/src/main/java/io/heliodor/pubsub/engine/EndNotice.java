package io.heliodor.pubsub.engine;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.heliodor.pubsub.Subscription;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The end of a PubSub, and the listeners that wait for it. Any thread may use it; listeners are called without its lock. */
final class EndNotice {
    @GuardedBy("this")
    private final Set<Registration> listeners = new LinkedHashSet<>();

    private volatile @Nullable PubSubEnd end;

    /** The registration of a listener: two of the same listener are different. */
    private final class Registration implements Subscription {
        private final Consumer<? super PubSubEnd> listener;

        Registration(Consumer<? super PubSubEnd> listener) {
            this.listener = listener;
        }

        @Override
        public void close() {
            synchronized (EndNotice.this) {
                listeners.remove(this);
            }
        }
    }

    Optional<PubSubEnd> end() {
        return Optional.ofNullable(end);
    }

    /** Calls a listener at the end, or at once if that has come. */
    Subscription add(Consumer<? super PubSubEnd> listener) {
        Registration registration = new Registration(listener);
        PubSubEnd past;
        synchronized (this) {
            past = end;
            if (past == null) {
                listeners.add(registration);
            }
        }
        if (past != null) {
            listener.accept(past);
        }
        return registration;
    }

    /** Sets the end and calls the listeners. Only the first end counts. */
    void set(PubSubEnd how) {
        List<Registration> notified;
        synchronized (this) {
            if (end != null) {
                return;
            }
            end = how;
            notified = List.copyOf(listeners);
            listeners.clear();
        }
        notified.forEach(registration -> registration.listener.accept(how));
    }
}
