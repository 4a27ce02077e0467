package io.heliodor.spring.boot;

import io.heliodor.channel.PayloadValidator;
import jakarta.validation.Validator;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/** The validator of payloads, in an application with Bean Validation. A UserSocket of the application's own may use it, too. */
@AutoConfiguration(afterName = "org.springframework.boot.validation.autoconfigure.ValidationAutoConfiguration")
@ConditionalOnClass(Validator.class)
@ConditionalOnBean(Validator.class)
public final class HeliodorValidationAutoConfiguration {
    @Bean
    @ConditionalOnMissingBean
    PayloadValidator heliodorPayloadValidator(Validator validator) {
        return new BeanValidation(validator);
    }
}
