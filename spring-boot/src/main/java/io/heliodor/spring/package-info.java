/** Heliodor in Spring Boot applications: annotations of beans, and customizers. Begin with {@link io.heliodor.spring.ChannelMapping}. */
@org.jspecify.annotations.NullMarked
package io.heliodor.spring;
