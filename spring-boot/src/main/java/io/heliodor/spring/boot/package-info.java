/** The auto-configuration of Heliodor. Begin with {@link io.heliodor.spring.boot.HeliodorAutoConfiguration}. */
@org.jspecify.annotations.NullMarked
package io.heliodor.spring.boot;
