package io.heliodor.examples;

import io.heliodor.channel.Channel;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.InvalidPayload;
import jakarta.validation.Validator;

/** Payloads that Bean Validation checks. */
final class Validated {
    private Validated() {}

    static UserSocket<Object> socket(Validator beans, Channel<Object, ?> orders) {
        // @start region=validator
        return UserSocket.open()
                .validator(payload -> beans.validate(payload).forEach(violation -> {
                    throw new InvalidPayload(violation.getPropertyPath().toString(), violation.getMessage());
                }))
                .channel("orders:*", orders)
                .build();
        // @end
    }
}
