package io.heliodor.session.channel;

import io.heliodor.channel.PayloadValidator;
import io.heliodor.event.Empty;
import io.heliodor.event.Raw;
import java.nio.ByteBuffer;

/** Payloads that were decoded to a type of the application, before its handler gets them. */
final class ValidatedPayload {
    private ValidatedPayload() {}

    /** Validates a payload, unless its type is one of Heliodor or of bytes. Throws what the validator throws. */
    static void check(PayloadValidator validator, Object payload) {
        if (!(payload instanceof Empty || payload instanceof Raw || payload instanceof ByteBuffer)) {
            validator.validate(payload);
        }
    }
}
