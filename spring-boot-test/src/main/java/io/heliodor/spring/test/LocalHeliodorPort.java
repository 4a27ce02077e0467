package io.heliodor.spring.test;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.beans.factory.annotation.Value;

/**
 * The port of the endpoint in a test, an {@code int}. In a {@code @SpringBootTest} it is a free one, unless the web environment is
 * {@code DEFINED_PORT} or the {@code properties} of the test have {@code heliodor.port}.
 *
 * {@snippet lang="java" :
 * @SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT)
 * class SocketTests {
 *     @LocalHeliodorPort int port;
 * }
 * }
 */
@Target({ElementType.FIELD, ElementType.METHOD, ElementType.PARAMETER, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Value("${local.heliodor.port}")
public @interface LocalHeliodorPort {}
