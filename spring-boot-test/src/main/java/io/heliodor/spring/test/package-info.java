/**
 * Tests of channels in Spring Boot applications. Begin with {@link io.heliodor.spring.test.ChannelTest}.
 */
@org.jspecify.annotations.NullMarked
package io.heliodor.spring.test;
