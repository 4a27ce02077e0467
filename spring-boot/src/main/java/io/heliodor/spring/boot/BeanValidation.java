package io.heliodor.spring.boot;

import io.heliodor.channel.PayloadValidator;
import io.heliodor.event.InvalidPayload;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.Validator;
import java.util.Comparator;
import java.util.Optional;

/** Refuses payloads by their annotations of Bean Validation. */
final class BeanValidation implements PayloadValidator {
    private final Validator validator;

    BeanValidation(Validator validator) {
        this.validator = validator;
    }

    @Override
    public void validate(Object payload) {
        // One of several, the same each time: a client gets one field.
        Optional<ConstraintViolation<Object>> first = validator.validate(payload).stream()
                .min(Comparator.comparing((ConstraintViolation<Object> violation) ->
                                violation.getPropertyPath().toString())
                        .thenComparing(ConstraintViolation::getMessage));
        if (first.isPresent()) {
            throw new InvalidPayload(
                    first.get().getPropertyPath().toString(), first.get().getMessage());
        }
    }
}
