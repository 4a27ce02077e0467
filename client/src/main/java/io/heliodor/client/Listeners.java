package io.heliodor.client;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** The callbacks for one kind of value, in the order of their registration. Any thread may use it. */
final class Listeners<T> {
    private record Listener<T>(Consumer<? super T> callback, Object identity) {}

    private final List<Listener<T>> listeners = new CopyOnWriteArrayList<>();

    Registration add(Consumer<? super T> callback) {
        Listener<T> listener = new Listener<>(callback, new Object());
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    /** Calls each of them. An exception stops no other one. */
    void notify(T value, Diagnostics diagnostics, String place) {
        for (Listener<T> listener : listeners) {
            diagnostics.run(place, () -> listener.callback.accept(value));
        }
    }

    boolean isEmpty() {
        return listeners.isEmpty();
    }
}
