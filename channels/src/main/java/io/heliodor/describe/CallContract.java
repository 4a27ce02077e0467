package io.heliodor.describe;

import java.util.List;
import java.util.Objects;

/**
 * A request of a client, with its reply.
 *
 * @param name its name on the wire
 * @param request its payload
 * @param reply the reply
 * @param error the payload of an error
 * @param reasons the declared reasons of errors; empty if none are declared
 * @param once whether it is executed once, so that a client may repeat it with its key
 */
public record CallContract(
        String name, Content request, Content reply, Content error, List<String> reasons, boolean once) {
    /** Takes a copy. */
    public CallContract {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(request, "request");
        Objects.requireNonNull(reply, "reply");
        Objects.requireNonNull(error, "error");
        Objects.requireNonNull(reasons, "reasons");
        reasons = List.copyOf(reasons);
    }
}
