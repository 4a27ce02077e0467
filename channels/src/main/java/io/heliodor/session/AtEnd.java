package io.heliodor.session;

import io.heliodor.pubsub.Subscription;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is to be done when a channel ends. Guarded by the lock of its {@link ChannelLife}. */
final class AtEnd {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.channel");

    private final List<Runnable> tasks = new ArrayList<>(1);

    private record Close(Subscription subscription) implements Runnable {
        @Override
        public void run() {
            subscription.close();
        }
    }

    void add(Runnable task) {
        tasks.add(task);
    }

    /**
     * Keeps a subscription: one for each topic, so that subscribing again and again heaps up nothing.
     *
     * @return the earlier subscription to the topic, to be closed
     */
    @Nullable
    Subscription add(Subscription subscription) {
        for (int i = 0; i < tasks.size(); i++) {
            if (tasks.get(i) instanceof Close(var earlier) && earlier.topic().equals(subscription.topic())) {
                tasks.set(i, new Close(subscription));
                return earlier;
            }
        }
        tasks.add(new Close(subscription));
        return null;
    }

    /** Does all of it, whatever one throws. Without the lock: nothing is added any more. */
    void run(String topic) {
        for (Runnable task : tasks) {
            try {
                task.run();
            } catch (Throwable e) {
                LOG.error("What was to run at the end of {} failed.", topic, e);
            }
        }
    }
}
