package io.heliodor.spring.boot;

import io.heliodor.micrometer.HeliodorObservations;
import io.micrometer.observation.ObservationRegistry;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/** The observations of handlers and broadcasts, in an application with a tracer: their times alone are in the meters already. */
@AutoConfiguration(
        afterName = {
            "org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration",
            "org.springframework.boot.micrometer.tracing.autoconfigure.MicrometerTracingAutoConfiguration"
        })
@ConditionalOnBean(value = ObservationRegistry.class, type = "io.micrometer.tracing.Tracer")
public final class HeliodorTracingAutoConfiguration {
    @Bean
    @ConditionalOnMissingBean
    HeliodorObservations heliodorObservations(ObservationRegistry registry) {
        return HeliodorObservations.of(registry);
    }
}
