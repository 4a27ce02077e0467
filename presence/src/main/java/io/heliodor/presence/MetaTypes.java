package io.heliodor.presence;

import io.heliodor.type.Type;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.locks.Lock;

/** Refuses types of metas that hold a resource of this JVM, since no client and no other node could read it. */
final class MetaTypes {
    private static final List<Class<?>> RESOURCES = List.of(
            Thread.class,
            ThreadGroup.class,
            ClassLoader.class,
            Process.class,
            AutoCloseable.class,
            Executor.class,
            Future.class,
            Lock.class);

    private MetaTypes() {}

    static void check(Type<?> type) {
        check(type, type.type(), "", new HashSet<>());
    }

    private static void check(
            Type<?> whole, java.lang.reflect.Type type, String place, Set<java.lang.reflect.Type> seen) {
        if (!seen.add(type)) {
            return;
        }
        switch (type) {
            case Class<?> plain -> check(whole, plain, place, seen);
            case ParameterizedType generic -> {
                check(whole, generic.getRawType(), place, seen);
                for (java.lang.reflect.Type argument : generic.getActualTypeArguments()) {
                    check(whole, argument, place, seen);
                }
            }
            case GenericArrayType array -> check(whole, array.getGenericComponentType(), place, seen);
            default -> {}
        }
    }

    private static void check(Type<?> whole, Class<?> plain, String place, Set<java.lang.reflect.Type> seen) {
        if (plain.getName().startsWith("java.")
                && RESOURCES.stream().anyMatch(resource -> resource.isAssignableFrom(plain))) {
            throw new IllegalArgumentException("The metas of type " + whole + " hold a " + plain.getName() + place
                    + ", which neither clients nor other nodes can read; put its name or id into the meta.");
        }
        if (plain.isArray()) {
            check(whole, plain.getComponentType(), place, seen);
        }
        if (plain.isRecord()) {
            for (RecordComponent component : plain.getRecordComponents()) {
                check(whole, component.getGenericType(), " in '" + component.getName() + "'", seen);
            }
        }
    }
}
