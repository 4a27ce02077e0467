package io.heliodor.codec;

import java.lang.reflect.Type;

/**
 * Encodes node-bound values, such as pids, inside others: as a short text. Any thread may use it, and it does not block.
 *
 * @param <T> the type of the values
 */
public interface Reference<T> {
    /**
     * The type of the values, without its argument. It has exactly one, which is known wherever such a value stands.
     *
     * @return an interface or a class
     */
    Class<T> type();

    /**
     * Whether the argument must be known; if so, {@code Type<?>} is refused when the type around it is registered.
     *
     * @return true if it must
     */
    boolean needsArgument();

    /**
     * A value as text.
     *
     * @param value what is sent
     * @param argument its type argument, as it was declared; {@code Object.class} if it was not
     * @return a text
     * @throws IllegalArgumentException when it cannot be sent
     */
    String write(T value, Type argument);

    /**
     * A value from its text.
     *
     * @param text what came
     * @param argument its type argument, as it was declared; {@code Object.class} if it was not
     * @return the value
     * @throws IllegalArgumentException when the text is not one of a value
     */
    T read(String text, Type argument);
}
