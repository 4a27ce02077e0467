package io.heliodor.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.examples.RoomChannel.User;
import io.heliodor.testkit.ChannelKit;
import io.heliodor.testkit.Refusal;
import io.heliodor.testkit.TestChannel;
import io.heliodor.testkit.TestClient;
import io.heliodor.token.Secret;
import io.heliodor.token.Tokens;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

/** A connection outlives its token, and a channel ends with the right of its client. */
class RefreshingTests {
    private static final User ANA = new User("42", "Ana");

    private final Tokens<User> tokens = Tokens.of(User.class, "user socket")
            .secrets(Secret.of(Secret.fresh()))
            .build();
    private final Set<String> rooms = ConcurrentHashMap.newKeySet();

    @Test
    void aClientStaysConnectedWithFreshTokensUntilItsRightIsTakenAway() {
        rooms.add("lobby");
        try (ChannelKit kit = ChannelKit.start(Refreshing.socket(tokens, (user, room) -> rooms.contains(room)))) {
            TestClient ana = kit.request()
                    .authToken(tokens.sign(ANA, Duration.ofMinutes(5)))
                    .connect();
            TestChannel lobby = ana.join("room:lobby");
            assertThat(ana.joinRefused("room:attic")).isEqualTo(new Refusal.Plain("unauthorized"));

            kit.advance(Duration.ofMinutes(4));
            ana.refresh(tokens.sign(ANA, Duration.ofMinutes(5)));
            kit.advance(Duration.ofMinutes(4));
            assertThat(kit.metrics().value("heliodor.connections")).isEqualTo(1);

            rooms.remove("lobby");
            Refreshing.changed(kit.channels());
            lobby.expectClose();
        }
    }
}
