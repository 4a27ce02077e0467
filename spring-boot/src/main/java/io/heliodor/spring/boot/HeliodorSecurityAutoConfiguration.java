package io.heliodor.spring.boot;

import io.heliodor.channel.Connect;
import io.heliodor.spring.JwtAssigns;
import io.heliodor.spring.boot.HeliodorProperties.JwtTokens;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.core.ResolvableType;
import org.springframework.core.convert.converter.Converter;
import org.springframework.security.authentication.AbstractAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationConverter;

/** The access to channels by tokens, in an application with the resource server of Spring Security. */
@AutoConfiguration(
        afterName =
                "org.springframework.boot.security.oauth2.server.resource.autoconfigure.OAuth2ResourceServerAutoConfiguration")
@ConditionalOnClass({JwtDecoder.class, JwtAuthenticationConverter.class})
@ConditionalOnBean(JwtDecoder.class)
@ConditionalOnProperty(name = "heliodor.security", havingValue = "jwt", matchIfMissing = true)
@EnableConfigurationProperties(HeliodorProperties.class)
public final class HeliodorSecurityAutoConfiguration {
    @Bean
    @ConditionalOnMissingBean
    SocketAccess<?> heliodorJwtAccess(
            JwtDecoder given,
            ObjectProvider<TokenDecoding> decoding,
            HeliodorProperties properties,
            ObjectProvider<JwtAuthenticationConverter> converters,
            ConfigurableListableBeanFactory beans) {
        TokenDecoding replacing = decoding.getIfUnique();
        JwtDecoder decoder = replacing == null ? given : replacing.over(given);
        Converter<Jwt, ? extends AbstractAuthenticationToken> converter =
                converters.getIfAvailable(JwtAuthenticationConverter::new);
        String[] names = beans.getBeanNamesForType(JwtAssigns.class);
        if (names.length > 1) {
            throw new HeliodorConfigurationException(
                    "There are several JwtAssigns: '" + String.join("', '", names) + "'.", "Remove all but one.");
        }
        JwtTokens settings = properties.jwt();
        if (names.length == 0) {
            return new JwtAccess<>(
                    decoder,
                    converter,
                    Authentication.class,
                    (jwt, user) -> Connect.ok(user, "users:" + user.getName()),
                    settings);
        }
        return with(decoder, converter, assigns(names[0], beans), beans.getBean(names[0], JwtAssigns.class), settings);
    }

    @SuppressWarnings({"unchecked", "rawtypes"}) // the type of the bean's assigns is that of its declaration
    private static SocketAccess<?> with(
            JwtDecoder decoder,
            Converter<Jwt, ? extends AbstractAuthenticationToken> converter,
            Class<?> assigns,
            JwtAssigns<?> users,
            JwtTokens settings) {
        return new JwtAccess(decoder, converter, assigns, users, settings);
    }

    private static Class<?> assigns(String bean, ConfigurableListableBeanFactory beans) {
        ResolvableType declared = beans.getMergedBeanDefinition(bean).getResolvableType();
        Class<?> assigns = declared.as(JwtAssigns.class).getGeneric(0).resolve();
        if (assigns == null) {
            throw new HeliodorConfigurationException(
                    "The type of the assigns of the JwtAssigns '" + bean + "' is unknown.",
                    "Declare its method with the type, such as JwtAssigns<Person>.");
        }
        return assigns;
    }
}
