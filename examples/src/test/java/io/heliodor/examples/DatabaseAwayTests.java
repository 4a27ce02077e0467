package io.heliodor.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.ConnectOutcome;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Reason;
import io.heliodor.testkit.ChannelKit;
import io.heliodor.testkit.TestChannel;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What clients get while the database is away. */
class DatabaseAwayTests {
    private static final Call<Empty, Empty, Reason> BOOK = Call.of("book", Empty.class, Empty.class);

    private volatile boolean away;

    private void query() throws SQLException {
        if (away) {
            throw new SQLException("connection refused");
        }
    }

    @Test
    void clientsAreToTryLaterAndKeepTheirChannels() {
        Channel<Object, Empty> accounts = Channel.join(_ -> {
                    query();
                    return Join.ok(Empty.EMPTY);
                })
                .answer(BOOK, (_, _) -> {
                    query();
                    return Reply.ok();
                })
                .build();
        try (ChannelKit kit = ChannelKit.start(DatabaseAway.socket(
                _ -> {
                    query();
                    return Connect.ok("ann");
                },
                accounts))) {
            TestChannel open = kit.connect().join("account:1");
            away = true;
            ConnectOutcome.Refused<?> refused = kit.request().refused();
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.retryAfter()).contains(Duration.ofSeconds(5));
            assertThat(open.callRefused(BOOK, Empty.EMPTY).reason()).isEqualTo("try_later");
            assertThat(open.client().joinRefused("account:2").reason()).isEqualTo("try_later");
            away = false;
            open.call(BOOK);
        }
    }
}
