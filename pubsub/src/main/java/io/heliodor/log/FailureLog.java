package io.heliodor.log;

import io.heliodor.type.text.EscapedException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;

/**
 * The log about exceptions and errors of user code, which clients and other nodes can cause as often as they like. Each class of what was
 * thrown has the rate of a {@link BoundedLog} of its own, so a frequent failure does not hide a rare one. It throws nothing: an exception
 * whose message cannot be computed, or a back end with a missing class, must not keep a channel from its end. Any thread may use it.
 */
public final class FailureLog {
    /** Failures of further classes share one rate. */
    private static final int MAX_CLASSES = 100;

    private final Logger log;
    private final LongSupplier clock;
    private final Map<Class<?>, BoundedLog> byClass = new ConcurrentHashMap<>();
    private final BoundedLog unlogged;

    /**
     * A log that has written nothing.
     *
     * @param log where the lines go that are not written by the caller
     * @param clock monotonic, in nanoseconds
     */
    public FailureLog(Logger log, LongSupplier clock) {
        this.log = log;
        this.clock = clock;
        this.unlogged = new BoundedLog(log, "failures that could not be logged", clock);
    }

    /**
     * Writes an error with the stack of what was thrown, or counts it as left out.
     *
     * @param subject what failed, such as {@code The join handler of room:1}
     * @param thrown the exception or error
     * @param text the rest of the line, which is not computed for a line that is left out
     */
    public void error(String subject, Throwable thrown, Supplier<String> text) {
        write(subject, thrown, () -> log.error("{} {}", subject, text.get(), EscapedException.of(thrown)));
    }

    /**
     * Writes a line, or counts it as left out.
     *
     * @param subject what failed
     * @param thrown the exception or error that the line is about
     * @param line writes it
     */
    public void write(String subject, Throwable thrown, Runnable line) {
        guard(subject, thrown, () -> of(thrown.getClass()).write(line));
    }

    /**
     * Decides about a line by what was thrown, whose methods may be user code.
     *
     * @param subject what failed
     * @param thrown the exception or error that the decision is about
     * @param decision calls a method that writes a line, or none; if it throws, a line with the classes alone is written
     */
    public void guard(String subject, Throwable thrown, Runnable decision) {
        try {
            decision.run();
        } catch (Throwable e) {
            try {
                unlogged.write(() -> log.error(
                        "{} failed with {}, which could not be logged because of {}.",
                        subject,
                        thrown.getClass().getName(),
                        e.getClass().getName()));
            } catch (Throwable _) {
                // The log itself fails, and nothing else could report it.
            }
        }
    }

    private BoundedLog of(Class<?> type) {
        Class<?> key = byClass.size() < MAX_CLASSES || byClass.containsKey(type) ? type : Throwable.class;
        return byClass.computeIfAbsent(key, of -> new BoundedLog(log, "failures with " + of.getName(), clock));
    }
}
