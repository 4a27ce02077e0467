package io.heliodor.process;

import io.heliodor.type.Type;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * A process that a {@link Supervisor} starts and restarts.
 *
 * @param name its name among the children of its supervisor
 * @param type the type of its messages
 * @param body its body, run at each start
 * @param restart when it is started again
 * @param started is given the new pid at each start, before anything else is started; it runs on the thread of the
 *     supervisor, and the supervisor fails if it throws
 * @param <M> the type of its messages
 */
public record Child<M>(String name, Type<M> type, Body<M> body, Restart restart, Consumer<? super Pid<M>> started) {
    /** When a child that has ended is started again. */
    public enum Restart {
        /** Always. */
        PERMANENT,
        /** When it failed. */
        TRANSIENT,
        /** Never. */
        TEMPORARY
    }

    /** Checks that nothing is missing. */
    public Child {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(body, "body");
        Objects.requireNonNull(restart, "restart");
        Objects.requireNonNull(started, "started");
    }

    /**
     * A permanent child.
     *
     * @param name its name among the children of its supervisor
     * @param type the class of its messages
     * @param body its body, run at each start
     * @param <M> the class of its messages
     * @return the child
     */
    public static <M> Child<M> of(String name, Class<M> type, Body<M> body) {
        return new Child<>(name, Type.of(type), body, Restart.PERMANENT, pid -> {});
    }

    /**
     * A supervisor as a permanent child of another.
     *
     * @param name its name among the children of its supervisor
     * @param supervisor the supervisor
     * @return the child
     */
    public static Child<Supervisor.Message> of(String name, Supervisor supervisor) {
        Objects.requireNonNull(supervisor, "supervisor");
        return of(name, Supervisor.Message.class, supervisor);
    }

    /**
     * The same child, started again by another rule.
     *
     * @param when the rule
     * @return the child
     */
    public Child<M> restart(Restart when) {
        return new Child<>(name, type, body, when, started);
    }

    /**
     * The same child, with a listener for its pid.
     *
     * @param listener receives the new pid at each start, on the thread of the supervisor, which waits for it
     * @return the child
     */
    public Child<M> onStart(Consumer<? super Pid<M>> listener) {
        return new Child<>(name, type, body, restart, listener);
    }
}
