package io.heliodor.client;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** The callbacks for one kind of value, in the order of their registration. Any thread may use it. */
final class Listeners<T> {
    private static final class Listener<T> {
        private final Consumer<? super T> callback;
        private volatile boolean isRemoved;

        Listener(Consumer<? super T> callback) {
            this.callback = callback;
        }
    }

    private final List<Listener<T>> listeners = new CopyOnWriteArrayList<>();
    private final BooleanSupplier isOver;

    /**
     * None yet.
     *
     * @param isOver whether none is called any more
     */
    Listeners(BooleanSupplier isOver) {
        this.isOver = isOver;
    }

    Registration add(Consumer<? super T> callback) {
        Listener<T> listener = new Listener<>(callback);
        listeners.add(listener);
        return () -> {
            listener.isRemoved = true;
            listeners.remove(listener);
        };
    }

    /** Calls each of them. An exception stops no other one, but one may remove the others. */
    void notify(T value, Diagnostics diagnostics, String place) {
        for (Listener<T> listener : listeners) {
            if (!listener.isRemoved && !isOver.getAsBoolean()) {
                diagnostics.run(place, () -> listener.callback.accept(value));
            }
        }
    }

    boolean isEmpty() {
        return listeners.isEmpty();
    }
}
