package io.heliodor.wire;

import io.heliodor.event.Raw;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object as received bytes. Two are equal if their bytes are.
 *
 * @param payload the object
 */
record RawJson(Payload.Json payload) implements Raw {
    @Override
    public byte[] json() {
        return Arrays.copyOfRange(payload.bytes(), payload.from(), payload.to());
    }

    @Override
    public int length() {
        return payload.length();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RawJson that && Arrays.equals(json(), that.json());
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(json());
    }

    /** Its size only: messages of clients must not appear in logs. */
    @Override
    public String toString() {
        return "Raw[" + length() + " bytes]";
    }
}
