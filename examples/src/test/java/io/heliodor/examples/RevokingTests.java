package io.heliodor.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.endpoint.Endpoint;
import io.heliodor.examples.RoomChannel.User;
import io.heliodor.examples.RoomEvents.Said;
import io.heliodor.fixtures.Page;
import io.heliodor.pubsub.PubSub;
import io.heliodor.testkit.ClusterKit;
import io.heliodor.token.Secret;
import io.heliodor.token.TokenOutcome;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A user that is signed out is disconnected, and refused until the next token. */
class RevokingTests {
    private static final User ANA = new User("ana", "Ana");

    private static final RoomChannel.Store STORE = new RoomChannel.Store() {
        @Override
        public boolean opens(String room, String password) {
            return true;
        }

        @Override
        public long save(String room, Said said) {
            return 1;
        }
    };

    @Test
    void aUserWhoIsSignedOutIsDisconnectedAndRefused() throws InterruptedException {
        try (PubSub pubsub = PubSub.local();
                Revoking revoking = new Revoking(pubsub, Secret.fresh());
                Endpoint endpoint = Servers.serve(pubsub, Connecting.socket(revoking.tokens, new RoomChannel(STORE)))) {
            String token = revoking.tokens.sign(ANA);
            try (Page ana = Page.signedIn(endpoint.port(), token)) {
                revoking.signOut(ANA, endpoint);
                assertThat(ana.receives()).isEqualTo("closed with 1001");
            }
            assertThatThrownBy(() -> Page.signedIn(endpoint.port(), token)).isNotNull();
        }
    }

    @Test
    void aRevocationReachesAClusterByThePubSubOfItsNodes() {
        String secret = Secret.fresh();
        try (ClusterKit kit = ClusterKit.start("a@host", "b@host");
                Revoking here = new Revoking(kit.node("a@host").pubsub(), secret);
                Revoking there = new Revoking(kit.node("b@host").pubsub(), secret)) {
            String token = here.tokens.sign(ANA);
            assertThat(there.tokens.verify(token)).isInstanceOf(TokenOutcome.Valid.class);
            kit.advance(Duration.ofSeconds(1)); // until each node has the interest of the other one
            here.revocations.revoke(ANA.id());
            kit.await(() -> there.tokens.verify(token) instanceof TokenOutcome.Revoked);
        }
    }
}
