package io.heliodor.spring.test;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.test.context.TestPropertySource;

/**
 * Gives a test of the whole application a {@link io.heliodor.testkit.ChannelKit} in place of the endpoint, so no port is open.
 *
 * {@snippet lang="java" :
 * @SpringBootTest
 * @AutoConfigureChannelKit
 * class DeskTests {
 *     @Autowired ChannelKit kit;
 * }
 * }
 *
 * <p>The kit serves the application's socket, or its mapped channels, over the pub/sub of the context, with the limits and the JSON
 * mapper of the endpoint and with all {@code Presence} beans. It moves the {@link io.heliodor.testkit.TestClock} of the context.
 *
 * <p>Each test method has a kit of its own. It is made when the test gets it, and closed after the test, before mocks are reset:
 * leave hooks may call them, and a handler that does not return fails its test. The context, its pub/sub and the clock are those of
 * the tests before, so a topic with a history may have messages of them. Between tests there is no server, and a broadcast throws.
 * Clients connect with the tokens of {@link TestJwt}, or with those that the application's decoder accepts.
 * Tests of one context must not run at the same time.
 *
 * <p>An application with several sockets makes its kits itself: {@code ChannelKit.builder(socket).pubsub(pubsub).start()}.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@TestPropertySource(properties = "heliodor.enabled=false")
@ImportAutoConfiguration
public @interface AutoConfigureChannelKit {}
