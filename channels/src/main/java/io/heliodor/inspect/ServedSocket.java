package io.heliodor.inspect;

import io.heliodor.channel.UserSocket;
import io.heliodor.describe.SocketContract;
import java.util.Objects;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/**
 * A socket of an endpoint, with its path.
 *
 * @param path its path, such as {@code /socket}
 * @param withManagement whether it has the same address as the management sockets: those of the endpoint, and all others unless the
 *     endpoint has a management address
 * @param socket its definition
 * @param mapper the mapper of the endpoint, if it is not the default
 */
public record ServedSocket(String path, boolean withManagement, UserSocket<?> socket, Optional<JsonMapper> mapper) {
    /** Checks that nothing is null. */
    public ServedSocket {
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(socket, "socket");
        Objects.requireNonNull(mapper, "mapper");
    }

    /**
     * The contract of the socket, which is read from its definition by each call.
     *
     * @return the contract, with the name {@code Socket}
     * @throws IllegalArgumentException if a history keeps an event whose type is not declared
     */
    public SocketContract contract() {
        return mapper.map(with -> SocketContract.of("Socket", socket, with))
                .orElseGet(() -> SocketContract.of("Socket", socket));
    }
}
