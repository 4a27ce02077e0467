package io.heliodor.examples;

import io.heliodor.channel.Connect;
import io.heliodor.channel.UserSocket;
import io.heliodor.examples.RoomChannel.User;
import java.util.Optional;

/** Who may connect. */
final class Connecting {
    private Connecting() {}

    // @start region=token
    sealed interface Token {
        record Valid(User user) implements Token {}

        record Expired() implements Token {}
    }

    interface Tokens {
        Token verify(Optional<String> token);
    }

    static UserSocket<User> socket(Tokens tokens, RoomChannel rooms) {
        return UserSocket.connect(connect -> switch (tokens.verify(connect.authToken())) {
                    case Token.Valid(var user) -> Connect.ok(user, "users:" + user.id());
                    case Token.Expired() -> Connect.refuse();
                })
                .channel("room:*", rooms.channel())
                .build();
    }
    // @end
}
