package io.heliodor.spring.boot;

import java.io.UncheckedIOException;
import java.util.function.Supplier;

/** Names the property whose value was refused. */
final class PropertyCheck {
    private PropertyCheck() {}

    /**
     * Uses the value of a property.
     *
     * @param property its name
     * @param use throws an {@link IllegalArgumentException} for a wrong value, an {@link UncheckedIOException} for a wrong file
     * @param <T> the type of the result
     * @return the result
     * @throws HeliodorConfigurationException if the value is wrong
     */
    static <T> T of(String property, Supplier<? extends T> use) {
        try {
            return use.get();
        } catch (IllegalArgumentException | UncheckedIOException e) {
            throw new HeliodorConfigurationException(
                    "The property " + property + " has a wrong value: " + e.getMessage(),
                    "Change " + property + ", in application.properties or where the application gets it from.",
                    e);
        }
    }
}
