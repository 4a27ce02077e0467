package io.heliodor.presence.crdt;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The objects that a value is made of. It counts the copies of a change: the count is the same in each run
 * and on each machine.
 */
final class Heap {
    private final Set<Object> objects = Collections.newSetFromMap(new IdentityHashMap<>());

    private Heap() {}

    static Heap of(Object value) {
        var heap = new Heap();
        heap.newSlots(value);
        return heap;
    }

    /** Returns the number of fields and elements of a value. */
    static long slots(Object value) {
        return new Heap().newSlots(value);
    }

    /** Adds a value, and returns the number of fields and elements in its objects that this heap did not have. */
    long newSlots(Object value) {
        long slots = 0;
        Deque<Object> waiting = new ArrayDeque<>();
        waiting.add(value);
        while (!waiting.isEmpty()) {
            Object object = waiting.remove();
            if (objects.add(object)) {
                List<Object> parts = parts(object);
                slots += parts.size();
                for (Object part : parts) {
                    if (followed(part)) {
                        waiting.add(part);
                    }
                }
            }
        }
        return slots;
    }

    /** Returns the lengths of all arrays in a value, in order: equal for two values of the same form. */
    static List<Integer> shape(Object value) {
        List<Integer> lengths = new ArrayList<>();
        Deque<Object> waiting = new ArrayDeque<>();
        waiting.add(value);
        while (!waiting.isEmpty()) {
            Object object = waiting.remove();
            if (object.getClass().isArray()) {
                lengths.add(Array.getLength(object));
            }
            for (Object part : parts(object)) {
                if (followed(part)) {
                    waiting.add(part);
                }
            }
        }
        return lengths;
    }

    private static final Object NOTHING = new Object();

    private static boolean followed(Object part) {
        Class<?> type = part.getClass();
        return type.isArray() || (type.getName().startsWith("io.heliodor.") && !type.isHidden() && !type.isSynthetic());
    }

    private static List<Object> parts(Object object) {
        List<Object> parts = new ArrayList<>();
        if (object.getClass().isArray()) {
            for (int at = 0; at < Array.getLength(object); at++) {
                parts.add(orNothing(Array.get(object, at)));
            }
            return parts;
        }
        for (Field field : object.getClass().getDeclaredFields()) {
            if (!Modifier.isStatic(field.getModifiers())) {
                field.setAccessible(true);
                try {
                    Object part = field.get(object);
                    parts.add(orNothing(part instanceof List<?> list ? list.toArray() : part));
                } catch (IllegalAccessException e) {
                    throw new AssertionError(e);
                }
            }
        }
        return parts;
    }

    private static Object orNothing(@Nullable Object part) {
        return part == null ? NOTHING : part;
    }
}
