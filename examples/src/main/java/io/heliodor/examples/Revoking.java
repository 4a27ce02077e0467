package io.heliodor.examples;

import io.heliodor.endpoint.Endpoint;
import io.heliodor.examples.RoomChannel.User;
import io.heliodor.pubsub.PubSub;
import io.heliodor.token.Revocations;
import io.heliodor.token.Secret;
import io.heliodor.token.Tokens;
import java.time.Duration;

/** Revocation: tokens that are refused before they expire. */
final class Revoking implements AutoCloseable {
    final Revocations revocations;
    final Tokens<User> tokens;

    Revoking(PubSub pubsub, String secret) {
        // @start region=revoke
        Revocations revocations = Revocations.over(pubsub, Duration.ofDays(1));
        Tokens<User> tokens = Tokens.of(User.class, "user socket")
                .secrets(Secret.of(secret))
                .revocable(revocations, User::id)
                .build();
        // @end
        this.revocations = revocations;
        this.tokens = tokens;
    }

    void signOut(User user, Endpoint endpoint) {
        // @start region=sign-out
        revocations.revoke(user.id());
        endpoint.channels().disconnect("users:" + user.id());
        // @end
    }

    @Override
    public void close() {
        revocations.close();
    }
}
