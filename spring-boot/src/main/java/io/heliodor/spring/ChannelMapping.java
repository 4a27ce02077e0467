package io.heliodor.spring;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Serves a {@link io.heliodor.channel.Channel} bean under topics, on the socket of the application.
 *
 * {@snippet lang="java" :
 * @Bean
 * @ChannelMapping("room:*")
 * Channel<Object, Empty> room() {
 *     return Channel.join(join -> Join.ok(Empty.EMPTY))
 *             .on(MESSAGE, (message, room) -> room.broadcast(MESSAGE, message))
 *             .build();
 * }
 * }
 *
 * <p>All such channels have one socket, at {@code heliodor.path}. With a {@code JwtDecoder} bean, the resource server of Spring
 * Security, it takes clients with a valid token only, and its assigns are their {@code Authentication}. An application
 * with a {@link io.heliodor.channel.UserSocket} bean names its channels there, without this annotation.
 */
@Documented
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
public @interface ChannelMapping {
    /**
     * The topics.
     *
     * @return patterns such as {@code lobby} and {@code room:*}; one or more
     */
    String[] value();
}
