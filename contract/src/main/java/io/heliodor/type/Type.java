package io.heliodor.type;

import java.lang.reflect.ParameterizedType;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A Java type with its type arguments: {@code Type.of(Order.class)}, or {@code new Type<List<Order>>() {}}.
 *
 * <p>Two are equal if they represent the same type.
 *
 * @param <T> the represented type
 */
public abstract class Type<T> {
    private final java.lang.reflect.Type type;

    /**
     * The constructor of an anonymous subclass with the type argument: {@code new Type<List<Order>>() {}}.
     *
     * @throws IllegalStateException if the argument is missing or the subclass is not a direct one
     */
    protected Type() {
        if (!(getClass().getGenericSuperclass() instanceof ParameterizedType parameterized)
                || parameterized.getRawType() != Type.class) {
            throw new IllegalStateException(getClass().getName() + " does not say which type it stands for:"
                    + " write new Type<List<Order>>() {}, neither new Type() {} nor a subclass of a subclass.");
        }
        this.type = parameterized.getActualTypeArguments()[0];
    }

    private Type(java.lang.reflect.Type type) {
        this.type = Objects.requireNonNull(type, "type");
    }

    /**
     * The type of a class.
     *
     * @param raw the class
     * @param <T> the type
     * @return the type
     */
    public static <T> Type<T> of(Class<T> raw) {
        return new Plain<>(raw);
    }

    /**
     * The type as a type of Java reflection.
     *
     * @return a class, a parameterized type or an array of such
     */
    public final java.lang.reflect.Type type() {
        return type;
    }

    @Override
    public final boolean equals(@Nullable Object other) {
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
