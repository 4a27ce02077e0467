package io.heliodor.spring;

import io.heliodor.endpoint.Endpoint;

/** Changes the endpoint before it is built, in a bean: settings that have no property, files and texts. After the properties. */
@FunctionalInterface
public interface EndpointCustomizer {
    /**
     * Changes the settings.
     *
     * @param endpoint the settings by the properties
     */
    void customize(Endpoint.Builder endpoint);
}
