package io.heliodor.inspect;

import io.heliodor.describe.SocketContract;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * A socket of an endpoint, with its path.
 *
 * @param path its path, such as {@code /socket}
 * @param withManagement whether it has the same address as the management sockets: those of the endpoint, and all others unless the
 *     endpoint has a management address
 * @param contract reads its contract at each call; throws an {@link IllegalArgumentException} if a payload can never be read or written
 */
public record ServedSocket(String path, boolean withManagement, Supplier<SocketContract> contract) {
    /** Checks that nothing is null. */
    public ServedSocket {
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(contract, "contract");
    }
}
