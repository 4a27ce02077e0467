package io.heliodor.spring;

import io.heliodor.node.Node;

/** Changes the node before it is started, in a bean: settings that have no property, such as codecs and TLS. After the properties. */
@FunctionalInterface
public interface NodeCustomizer {
    /**
     * Changes the settings.
     *
     * @param node the settings by the properties
     */
    void customize(Node.Builder node);
}
