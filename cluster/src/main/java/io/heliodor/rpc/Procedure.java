package io.heliodor.rpc;

import io.heliodor.type.Type;
import java.util.Objects;

/**
 * The name of a procedure, and the types of its request and its response. A plain value, declared once as a constant for
 * both sides.
 *
 * @param name 1 to 255 printable characters of ASCII without spaces
 * @param request the type of the request
 * @param response the type of the response
 * @param <Q> the type of the request
 * @param <R> the type of the response
 */
public record Procedure<Q, R>(String name, Type<Q> request, Type<R> response) {
    /**
     * Checks the name.
     *
     * @throws IllegalArgumentException when it is invalid
     */
    public Procedure {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(request, "request");
        Objects.requireNonNull(response, "response");
        if (name.isEmpty() || name.length() > 255 || !name.chars().allMatch(c -> c > ' ' && c <= '~')) {
            throw new IllegalArgumentException(
                    "The name of a procedure has 1 to 255 printable characters of ASCII without spaces.");
        }
    }

    /**
     * A procedure between classes.
     *
     * @param name its name
     * @param request the class of the request
     * @param response the class of the response
     * @param <Q> the class of the request
     * @param <R> the class of the response
     * @return the procedure
     * @throws IllegalArgumentException when the name is invalid
     */
    public static <Q, R> Procedure<Q, R> of(String name, Class<Q> request, Class<R> response) {
        return new Procedure<>(name, Type.of(request), Type.of(response));
    }

    /**
     * A procedure between types with arguments.
     *
     * @param name its name
     * @param request the type of the request
     * @param response the type of the response
     * @param <Q> the type of the request
     * @param <R> the type of the response
     * @return the procedure
     * @throws IllegalArgumentException when the name is invalid
     */
    public static <Q, R> Procedure<Q, R> of(String name, Type<Q> request, Type<R> response) {
        return new Procedure<>(name, request, response);
    }
}
