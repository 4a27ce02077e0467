package io.heliodor.spring.test;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.autoconfigure.OverrideAutoConfiguration;
import org.springframework.boot.test.context.filter.annotation.TypeExcludeFilters;
import org.springframework.context.annotation.ComponentScan.Filter;
import org.springframework.test.context.BootstrapWith;
import org.springframework.test.context.junit.jupiter.SpringExtension;

/**
 * A test of the application's channels on a {@link io.heliodor.testkit.ChannelKit}, without a web server, a database and a port. The
 * services that the channels need are mocks.
 *
 * {@snippet lang="java" :
 * @ChannelTest(Rooms.class)
 * class RoomTests {
 *     @Autowired ChannelKit kit;
 *     @MockitoBean Store store;
 *
 *     @Test
 *     void aMessageReachesTheOthers() {
 *         TestChannel ann = kit.connect().join("room:1");
 *         TestChannel ben = kit.connect().join("room:1");
 *         ann.push(MESSAGE, new Message("hi"));
 *         assertThat(ben.expect(MESSAGE)).isEqualTo(new Message("hi"));
 *     }
 * }
 * }
 *
 * <p><b>Beans.</b> Of the classes below the package of the application class, the scan takes
 *
 * <ul>
 *   <li>configuration classes with a {@link io.heliodor.spring.ChannelMapping}, a {@code Channel} or a {@code UserSocket}: those of
 *       {@link #value}, or all;
 *   <li>other configuration classes with a {@code JwtAssigns}, {@code LimitsCustomizer}, {@code SocketCustomizer}, {@code
 *       Presence} or {@code JsonMapperBuilderCustomizer};
 *   <li>components of these types, {@code JacksonModule}s and {@code @JacksonComponent}s.
 * </ul>
 *
 * <p>A class is taken with all of its beans, so keep others in classes of their own. The beans of the application class belong to each
 * test. Add others by {@code @Import}. Auto-configured are those of Heliodor, without an endpoint and a node, the JSON mapper, Bean
 * Validation and a {@link io.heliodor.testkit.TestClock}.
 *
 * <p><b>Users.</b> With the resource server of Spring Security, clients connect with the tokens of {@link TestJwt}, unless the test has
 * a {@code JwtDecoder} bean. An issuer of the properties is not used.
 *
 * <p><b>The kit.</b> Each test has its own, as {@link AutoConfigureChannelKit} describes.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@BootstrapWith(ChannelTestContextBootstrapper.class)
@ExtendWith(SpringExtension.class)
@OverrideAutoConfiguration(enabled = false)
@TypeExcludeFilters(ChannelTypeExcludeFilter.class)
@AutoConfigureChannelKit
@ImportAutoConfiguration
public @interface ChannelTest {
    /**
     * The configuration classes whose channels are tested.
     *
     * @return classes with channels; all by default
     */
    Class<?>[] value() default {};

    /**
     * The properties of the test.
     *
     * @return {@code name=value}; none by default
     */
    String[] properties() default {};

    /**
     * Further classes that the scan takes.
     *
     * @return filters; none by default
     */
    Filter[] includeFilters() default {};

    /**
     * Classes that the scan does not take.
     *
     * @return filters; none by default
     */
    Filter[] excludeFilters() default {};
}
