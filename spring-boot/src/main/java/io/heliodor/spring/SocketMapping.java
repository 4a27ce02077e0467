package io.heliodor.spring;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Serves a {@link io.heliodor.channel.UserSocket} bean at a path. Without it the only such bean is served at {@code heliodor.path}.
 */
@Documented
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
public @interface SocketMapping {
    /**
     * The path.
     *
     * @return such as {@code /socket}
     */
    String value();
}
