package io.heliodor.examples;

import io.heliodor.channel.Connect;
import io.heliodor.channel.UserSocket;
import io.heliodor.examples.RoomChannel.User;
import io.heliodor.token.Secret;
import io.heliodor.token.TokenOutcome;
import io.heliodor.token.Tokens;

/** A connect handler that verifies a signed token. */
final class Connecting {
    private Connecting() {}

    // @start region=token
    static Tokens<User> tokens(String secret) {
        return Tokens.of(User.class, "user socket").secrets(Secret.of(secret)).build();
    }

    static UserSocket<User> socket(Tokens<User> tokens, RoomChannel rooms) {
        return UserSocket.connect(connect -> switch (tokens.verify(connect.authToken())) {
                    case TokenOutcome.Valid<User>(var user, var signed, var left) ->
                        Connect.ok(user, "users:" + user.id()).validFor(left);
                    default -> Connect.refuse();
                })
                .channel("room:*", rooms.channel())
                .build();
    }
    // @end
}
