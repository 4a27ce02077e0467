package io.heliodor.session.channel;

import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The tasks for the end of a channel. Guarded by the lock of its {@link ChannelMailbox}. */
public final class CleanupTasks {
    private final List<Runnable> tasks = new ArrayList<>(1);

    /** One for each topic; null while there is none, as for most channels. */
    private @Nullable Map<Topic<?>, Subscription> subscriptions;

    public void add(Runnable task) {
        tasks.add(task);
    }

    /**
     * Keeps a subscription: one for each topic, so that repeated subscriptions do not accumulate.
     *
     * @param topic what is subscribed to
     * @return the earlier subscription to the topic, to be closed
     */
    @Nullable
    public Subscription add(Topic<?> topic, Subscription subscription) {
        if (subscriptions == null) {
            subscriptions = new HashMap<>();
        }
        return subscriptions.put(topic, subscription);
    }

    /**
     * Closes the subscriptions, then runs the tasks, even if one throws. Called once, without the lock.
     *
     * @param failed receives what they throw
     */
    public void run(Consumer<Throwable> failed) {
        if (subscriptions != null) {
            for (Subscription subscription : subscriptions.values()) {
                run(subscription::close, failed);
            }
        }
        for (Runnable task : tasks) {
            run(task, failed);
        }
    }

    private static void run(Runnable task, Consumer<Throwable> failed) {
        try {
            task.run();
        } catch (Throwable e) {
            failed.accept(e);
        }
    }
}
