package io.heliodor.node;

import io.heliodor.membership.Membership.Following;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Topic;
import io.heliodor.pubsub.Type;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Tells listeners of a user what happens: each on a virtual thread of its own, in order, with a bounded mailbox.
 *
 * @param <E> what happens
 */
final class Telling<E> {
    private final Topic<E> topic;
    private final Set<PubSub> listeners = ConcurrentHashMap.newKeySet();

    Telling(String name, Type<E> type) {
        this.topic = Topic.of(name, type);
    }

    /** A listener that is told nothing yet. */
    Listening<E> prepare(Consumer<? super E> listener) {
        PubSub own = PubSub.local();
        own.subscribe(topic, listener::accept);
        return new Listening<>(this, own);
    }

    /** Adds a listener. */
    Following add(Consumer<? super E> listener) {
        Listening<E> listening = prepare(listener);
        listening.begin(List.of());
        return listening;
    }

    /** One listener. */
    record Listening<E>(Telling<E> telling, PubSub own) implements Following {
        /** Tells these first, then what happens. On the node's loop, so that nothing comes in between. */
        void begin(List<? extends E> first) {
            try {
                first.forEach(event -> own.broadcast(telling.topic, event));
                telling.listeners.add(own);
            } catch (IllegalStateException closed) {
                telling.listeners.remove(own);
            }
        }

        @Override
        public void close() {
            telling.listeners.remove(own);
            own.close();
        }
    }

    void tell(E event) {
        listeners.forEach(listener -> tell(listener, event));
    }

    private void tell(PubSub listener, E event) {
        try {
            listener.broadcast(topic, event);
        } catch (IllegalStateException closed) {
            // It was closed while this went through the listeners.
            listeners.remove(listener);
        }
    }

    void close() {
        listeners.forEach(PubSub::close);
        listeners.clear();
    }
}
