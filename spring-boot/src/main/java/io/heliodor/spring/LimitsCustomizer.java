package io.heliodor.spring;

import io.heliodor.limit.Limits;

/** Changes the limits of the endpoint, in a bean. After the property {@code heliodor.limits}. */
@FunctionalInterface
public interface LimitsCustomizer {
    /**
     * Changes the limits.
     *
     * @param limits those by the property, or by the customizer before
     * @return the limits to use
     */
    Limits customize(Limits limits);
}
