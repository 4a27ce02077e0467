package io.heliodor.testkit;

import java.lang.reflect.Field;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The virtual threads behind what the JDK gives to their scheduler, and their states. */
final class Continuations {
    private static final Field STATE = field("state");
    private static final int BLOCKED = constant("BLOCKED");
    private static final int UNBLOCKED = constant("UNBLOCKED");
    private static final int WAIT = constant("WAIT");
    private static final int TIMED_WAIT = constant("TIMED_WAIT");

    /** The field of a continuation that has the thread. */
    private static volatile @Nullable Field captured;

    private Continuations() {}

    /** The thread of a continuation, which is the same object each time. */
    static Thread thread(Runnable continuation) {
        try {
            Field field = captured;
            if (field == null) {
                field = continuation.getClass().getDeclaredFields()[0];
                field.setAccessible(true);
                captured = field;
            }
            return (Thread) Objects.requireNonNull(field.get(continuation));
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("The JDK has another form.", e);
        }
    }

    /** Whether it waits for a monitor, or on one. */
    static boolean waitsForMonitor(Thread thread) {
        int state = state(thread);
        return state == BLOCKED || state == WAIT || state == TIMED_WAIT;
    }

    /** Whether it waits for a monitor. */
    static boolean isBlocked(Thread thread) {
        return state(thread) == BLOCKED;
    }

    /** Whether it was given a monitor, and did not go on yet. */
    static boolean hasMonitor(Thread thread) {
        return state(thread) == UNBLOCKED;
    }

    private static int state(Thread thread) {
        try {
            return STATE.getInt(thread);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("The JDK has another form.", e);
        }
    }

    private static int constant(String name) {
        try {
            return field(name).getInt(null);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("The JDK has another form.", e);
        }
    }

    private static Field field(String name) {
        try {
            Field field = Class.forName("java.lang.VirtualThread").getDeclaredField(name);
            field.setAccessible(true);
            return field;
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("The JDK has another form.", e);
        }
    }
}
