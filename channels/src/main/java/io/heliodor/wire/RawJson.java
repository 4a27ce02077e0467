package io.heliodor.wire;

import io.heliodor.event.Raw;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A JSON object as received bytes. Two are equal if their bytes are. */
final class RawJson implements Raw {
    private final Payload.Json json;

    RawJson(Payload.Json json) {
        this.json = json;
    }

    Payload.Json payload() {
        return json;
    }

    @Override
    public byte[] json() {
        return Arrays.copyOfRange(json.bytes(), json.from(), json.to());
    }

    @Override
    public int length() {
        return json.length();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RawJson that
                && Arrays.equals(
                        json.bytes(), json.from(), json.to(), that.json.bytes(), that.json.from(), that.json.to());
    }

    @Override
    public int hashCode() {
        int hash = 1;
        for (int at = json.from(); at < json.to(); at++) {
            hash = 31 * hash + json.bytes()[at];
        }
        return hash;
    }

    /** Its size only: messages of clients must not appear in logs. */
    @Override
    public String toString() {
        return "Raw[" + length() + " bytes]";
    }
}
