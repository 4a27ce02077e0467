package io.heliodor.playground;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.ConnectOutcome;
import io.heliodor.channel.Join;
import io.heliodor.channel.Socket;
import io.heliodor.token.TokenOutcome;
import io.heliodor.token.Tokens;

/**
 * {@code own:NAME}: for connections that have sent the token of that user.
 *
 * @param tokens those of private channels
 */
record OwnChannel(Tokens<String> tokens) {
    /** The assigns of such a connection. */
    private record Owner(String name) {}

    ConnectOutcome<?> refresh(String token, Socket<Object> socket) {
        return switch (tokens.verify(token)) {
            case TokenOutcome.Valid<String>(var name, var _, var left) ->
                Connect.ok(new Owner(name)).validFor(left);
            case TokenOutcome.Expired<String> _ -> Connect.refuse(401).text("expired");
            default -> Connect.refuse(401).text("unauthorized");
        };
    }

    Channel<Object, ?> channel() {
        return Channel.join(join -> Join.ok(join.subtopic()))
                .authorize((socket, name) -> socket.assigns() instanceof Owner(var owner) && owner.equals(name))
                .sends()
                .key("user")
                .build();
    }
}
