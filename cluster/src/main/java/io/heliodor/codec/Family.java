package io.heliodor.codec;

import java.lang.reflect.Modifier;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A sealed type and its concrete subtypes, by their simple names.
 *
 * @param type the sealed type
 * @param members what a value of it may be, by simple name
 */
record Family(Class<?> type, Map<String, Class<?>> members) {
    /** An enum whose constants have bodies is sealed for the JVM, but not for its readers. */
    static boolean isOne(Class<?> type) {
        return type.isSealed() && !type.isEnum();
    }

    /**
     * The family of a sealed type.
     *
     * @throws IllegalArgumentException when a member may have subclasses that are not known, or two have the same name
     */
    static Family of(Class<?> sealed) {
        Map<String, Class<?>> members = new TreeMap<>();
        collect(sealed, sealed, members);
        return new Family(sealed, members);
    }

    private static void collect(Class<?> family, Class<?> type, Map<String, Class<?>> members) {
        boolean one = isOne(type);
        if (!one && !type.isEnum() && !Modifier.isFinal(type.getModifiers())) {
            throw new IllegalArgumentException(type.getName() + " is open for subclasses, so " + family.getName()
                    + " cannot go to another node; make it final or sealed, or give a codec.");
        }
        if (!Modifier.isAbstract(type.getModifiers()) || type.isEnum()) {
            Class<?> other = members.put(type.getSimpleName(), type);
            if (other != null && other != type) {
                throw new IllegalArgumentException("%s and %s of %s have the same simple name; rename one."
                        .formatted(other.getName(), type.getName(), family.getName()));
            }
        }
        if (one) {
            for (Class<?> permitted : type.getPermittedSubclasses()) {
                collect(family, permitted, members);
            }
        }
    }

    /** The name of a value's class; a constant of an enum may have a class of its own. */
    String nameOf(Class<?> value) {
        for (@Nullable Class<?> at = value; at != null; at = at.getSuperclass()) {
            if (members.get(at.getSimpleName()) == at) {
                return at.getSimpleName();
            }
        }
        throw new IllegalArgumentException(value.getName() + " is not a permitted subtype of " + type.getName() + ".");
    }
}
