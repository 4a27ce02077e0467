package io.heliodor.spring.guide.desk;

import io.heliodor.spring.LimitsCustomizer;
import org.springframework.boot.jackson.autoconfigure.JsonMapperBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.PropertyNamingStrategies;

/** Settings of the application that change what its channels do. */
@Configuration(proxyBeanMethods = false)
class DeskSettings {
    @Bean
    JsonMapperBuilderCustomizer names() {
        return json -> json.propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE);
    }

    @Bean
    LimitsCustomizer limits() {
        return limits -> limits.sessions(sessions -> sessions.maxChannels(1));
    }
}
