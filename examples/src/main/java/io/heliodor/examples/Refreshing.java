package io.heliodor.examples;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Channels;
import io.heliodor.channel.Connect;
import io.heliodor.channel.ConnectOutcome;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.examples.RoomChannel.User;
import io.heliodor.token.TokenOutcome;
import io.heliodor.token.Tokens;

/** Connections that live longer than their tokens, and channels that end with the rights of their clients. */
final class Refreshing {
    /** The rights of users, in a database. */
    interface Rights {
        boolean mayRead(User user, String room);
    }

    private Refreshing() {}

    // @start region=refresh
    static UserSocket<User> socket(Tokens<User> tokens, Rights rights) {
        Channel<User, ?> room = Channel.of(User.class)
                .join(join -> Join.ok(join.subtopic()))
                .authorize((socket, name) -> rights.mayRead(socket.assigns(), name))
                .build();
        return UserSocket.connect(connect -> accept(tokens.verify(connect.authToken())))
                .onRefresh((token, socket) -> accept(tokens.verify(token)))
                .channel("room:*", room)
                .build();
    }

    static ConnectOutcome<User> accept(TokenOutcome<User> token) {
        return switch (token) {
            case TokenOutcome.Valid<User>(var user, var signed, var left) ->
                Connect.ok(user, "users:" + user.id()).validFor(left);
            default -> Connect.refuse(401);
        };
    }
    // @end

    static UserSocket.Builder<User> socketOfPages(Tokens<User> tokens) {
        // @start region=refuse
        return UserSocket.connect(connect -> accept(tokens.verify(connect.authToken())))
                .refuseAfterUpgrade();
        // @end
    }

    static void changed(Channels channels) {
        // @start region=recheck
        channels.recheck("users:42");
        // @end
    }
}
