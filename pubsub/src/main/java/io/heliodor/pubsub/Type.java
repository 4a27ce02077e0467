package io.heliodor.pubsub;

import java.lang.reflect.ParameterizedType;

/**
 * A Java type with its type arguments: {@code Type.of(Order.class)}, or {@code new Type<List<Order>>() {}}.
 *
 * <p>Two are equal when they stand for the same type.
 *
 * @param <T> the type it stands for
 */
public abstract class Type<T> {
    private final java.lang.reflect.Type type;

    /** For an anonymous subclass that names the type argument: {@code new Type<List<Order>>() {}}. */
    protected Type() {
        if (!(getClass().getGenericSuperclass() instanceof ParameterizedType parameterized)) {
            throw new IllegalStateException(
                    "A Type needs its argument: write new Type<List<Order>>() {}, not new Type() {}.");
        }
        this.type = parameterized.getActualTypeArguments()[0];
    }

    private Type(java.lang.reflect.Type type) {
        this.type = type;
    }

    /**
     * The type that a class stands for.
     *
     * @param raw the class
     * @param <T> the type
     * @return the type
     */
    public static <T> Type<T> of(Class<T> raw) {
        return new Plain<>(raw);
    }

    /**
     * The type as reflection knows it.
     *
     * @return a class or a parameterized type
     */
    public final java.lang.reflect.Type type() {
        return type;
    }

    @Override
    public final boolean equals(@org.jspecify.annotations.Nullable Object other) {
        return other instanceof Type<?> that && type.equals(that.type);
    }

    @Override
    public final int hashCode() {
        return type.hashCode();
    }

    @Override
    public final String toString() {
        return type.getTypeName();
    }

    private static final class Plain<T> extends Type<T> {
        Plain(Class<T> raw) {
            super(raw);
        }
    }
}
