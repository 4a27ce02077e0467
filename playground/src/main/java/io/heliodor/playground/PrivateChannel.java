package io.heliodor.playground;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.JoinOutcome;
import io.heliodor.channel.Reply;
import io.heliodor.token.TokenOutcome;
import io.heliodor.token.Tokens;
import java.util.Optional;

/**
 * {@code private:*}: for clients with a token.
 *
 * @param tokens contain the name of a user
 */
record PrivateChannel(Tokens<String> tokens) {
    /** Any JSON: a value that is not a text is not a token. */
    record Enter(Optional<Object> token) {}

    Channel<Object, String> channel() {
        return Channel.join(Enter.class, (enter, join) -> enter(enter))
                .answer(RoomChannel.ECHO, (payload, room) -> Reply.ok(payload))
                .on(RoomChannel.SHOUT, (payload, room) -> room.broadcast(RoomChannel.SHOUT, payload))
                .refuses("expired", "unauthorized")
                .sends(RoomChannel.SHOUT)
                .build();
    }

    private JoinOutcome<String> enter(Enter enter) {
        Optional<String> token = enter.token().filter(String.class::isInstance).map(String.class::cast);
        return switch (tokens.verify(token)) {
            case TokenOutcome.Valid<String>(var user, var _, var _) -> Join.ok(user);
            case TokenOutcome.Expired<String> _ -> Join.refuse("expired");
            case TokenOutcome.Revoked<String> _, TokenOutcome.Invalid<String> _, TokenOutcome.Missing<String> _ ->
                Join.refuse("unauthorized");
        };
    }
}
