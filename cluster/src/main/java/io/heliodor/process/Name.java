package io.heliodor.process;

import io.heliodor.type.Type;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * The name of a process or of a group, and the type of its messages. A plain value: creating one registers nothing.
 *
 * @param value the name: 1 to 255 letters, digits, dots, underscores, hyphens, colons or slashes
 * @param type the type of messages
 * @param <M> the type of messages
 */
public record Name<M>(String value, Type<M> type) {
    private static final Pattern RULE = Pattern.compile("[A-Za-z0-9._:/-]{1,255}");

    /**
     * Checks the name.
     *
     * @throws IllegalArgumentException when it is invalid
     */
    public Name {
        Objects.requireNonNull(value, "value");
        Objects.requireNonNull(type, "type");
        if (!isName(value)) {
            StringBuilder shown = new StringBuilder();
            value.chars().limit(80).forEach(c -> shown.append(c >= ' ' && c < 0x7f ? (char) c : '?'));
            throw new IllegalArgumentException(
                    "A name has 1 to 255 letters, digits, dots, underscores, hyphens, colons or"
                            + " slashes, but this is \"" + shown + "\" (" + value.length() + " characters).");
        }
    }

    /**
     * A name for messages of a class.
     *
     * @param value the name
     * @param type the class
     * @param <M> the type of messages
     * @return the name
     * @throws IllegalArgumentException when it is invalid
     */
    public static <M> Name<M> of(String value, Class<M> type) {
        return new Name<>(value, Type.of(type));
    }

    /**
     * A name for messages of a type with arguments.
     *
     * @param value the name
     * @param type the type
     * @param <M> the type of messages
     * @return the name
     * @throws IllegalArgumentException when it is invalid
     */
    public static <M> Name<M> of(String value, Type<M> type) {
        return new Name<>(value, type);
    }

    /**
     * Whether a text could be a name.
     *
     * @param text any text
     * @return true if {@code of} would take it
     */
    public static boolean isName(String text) {
        Objects.requireNonNull(text, "text");
        return RULE.matcher(text).matches();
    }

    /**
     * The name of a member of a pool: this name, an underscore and a number.
     *
     * @param number 1 or more
     * @return the name
     * @throws IllegalArgumentException when the number is lower, or the name would be too long
     */
    public Name<M> member(int number) {
        if (number < 1) {
            throw new IllegalArgumentException(
                    "The members of a pool are counted from 1, so there is no " + number + ".");
        }
        return new Name<>(value + "_" + number, type);
    }
}
