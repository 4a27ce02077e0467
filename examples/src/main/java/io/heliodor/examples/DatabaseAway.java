package io.heliodor.examples;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.ConnectHandler;
import io.heliodor.channel.Reply;
import io.heliodor.channel.UserSocket;
import java.sql.SQLException;
import java.time.Duration;

/** A socket whose handlers use a database that may be away. */
final class DatabaseAway {
    private DatabaseAway() {}

    static UserSocket<String> socket(ConnectHandler<String> users, Channel<? super String, ?> accounts) {
        // @start region=away
        return UserSocket.connect(users)
                .onConnectException(SQLException.class, _ -> Connect.refuse(503).retryAfter(Duration.ofSeconds(5)))
                .onException(SQLException.class, _ -> Reply.error("try_later"))
                .channel("account:*", accounts)
                .build();
        // @end
    }
}
