package io.heliodor.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.ConnectOutcome;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Empty;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Exceptions of the connect handler that a socket expects, such as those of a database that is away. */
class ConnectExceptionTests {
    private static UserSocket.Builder<String> socket() {
        return UserSocket.<String>connect(
                        connect -> accept(connect.param("user").orElse("")))
                .onRefresh((token, _) -> accept(token))
                .onConnectException(
                        IOException.class, _ -> Connect.refuse(503).text("away").retryAfter(Duration.ofSeconds(5)))
                .onConnectException(FileNotFoundException.class, _ -> Connect.refuse(404))
                .channel("room:*", Channel.join(_ -> Join.ok(Empty.EMPTY)).build());
    }

    private static ConnectOutcome<String> accept(String user) throws IOException {
        return switch (user) {
            case "away" -> throw new IOException("the database is away");
            case "unknown" -> throw new FileNotFoundException("no such user");
            case "broken" -> throw new IllegalStateException("a mistake");
            default -> Connect.ok(user, "users:" + user);
        };
    }

    @Test
    void theClosestDeclaredTypeRefusesTheClient() {
        try (ChannelKit kit = ChannelKit.start(socket().build())) {
            ConnectOutcome.Refused<?> away =
                    kit.request().params(Map.of("user", "away")).refused();
            assertThat(away.status()).isEqualTo(503);
            assertThat(away.retryAfter()).contains(Duration.ofSeconds(5));
            assertThat(away.cause()).isEqualTo(Optional.of("java.io.IOException: the database is away"));
            assertThat(kit.connectRefused(Map.of("user", "unknown"))).isEqualTo(404);
            assertThatThrownBy(() -> kit.connect(Map.of("user", "broken")))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("status 500");
        }
    }

    @Test
    void aFreshTokenIsRefusedTheSame() {
        try (ChannelKit kit = ChannelKit.start(socket().build())) {
            TestClient ann = kit.connect(Map.of("user", "ann"));
            assertThat(ann.refreshRefused("away").reason()).isEqualTo("away");
            ann.refresh("ann");
        }
    }

    @Test
    void aTypeIsDeclaredOnce() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> socket().onConnectException(IOException.class, _ -> Connect.refuse()))
                .withMessage(
                        "The exception java.io.IOException is declared twice for the connect handler of this socket; declare it"
                                + " once.");
    }
}
