package io.heliodor.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.endpoint.Endpoint;
import io.heliodor.examples.Lobby.Online;
import io.heliodor.examples.Lobby.Profile;
import io.heliodor.fixtures.Page;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** The presences of the lobby. */
class LobbyTests {
    @AutoClose
    private final PubSub pubsub = PubSub.local();

    @AutoClose
    private final Presence<Online> presence = Lobby.over(pubsub);

    @Test
    void aUserIsPresentFromItsJoinUntilItsLeave() throws InterruptedException {
        var door = new LinkedBlockingQueue<String>();
        Lobby.follow(presence, door::add);
        try (Endpoint endpoint = Lobby.start(pubsub, presence);
                Page ann = Page.open(endpoint.port())) {
            ann.join("lobby:1", "{}");
            assertThat(ann.next("lobby:1", "presence_state")).contains("\"guest\"", "\"device\":\"web\"", "phx_ref");
            assertThat(door.poll(10, TimeUnit.SECONDS)).isEqualTo("guest came");
            ann.asks("lobby:1", "away", "{}");
            assertThat(presence.list("lobby:1")).isEqualTo(Map.of("guest", List.of(new Online("web", true))));
            assertThat(door.poll(10, TimeUnit.SECONDS))
                    .as("the update, as a join")
                    .isEqualTo("guest came");
            assertThat(door.poll(10, TimeUnit.SECONDS)).as("and as a leave").isEqualTo("guest went");
            ann.asks("lobby:1", "phx_leave", "{}");
            assertThat(door.poll(10, TimeUnit.SECONDS)).isEqualTo("guest went");
            assertThat(Lobby.read(presence)).isEmpty();
        }
    }

    @Test
    void anythingMayBePresent() {
        var door = new LinkedBlockingQueue<String>();
        Subscription subscription = Lobby.follow(presence, door::add);
        Lobby.elsewhere(presence);
        assertThat(presence.count("lobby:1")).isZero();
        subscription.close();
    }

    @Test
    void profilesAreSentToClientsAndNotKept() throws InterruptedException {
        presence.close(); // its name is free for another one
        try (Presence<Online> named = Lobby.withProfiles(pubsub, users -> {
                    Map<String, Profile> found = new HashMap<>();
                    users.forEach(user -> found.put(user, new Profile("Ms. " + user, "cat.png")));
                    return found;
                });
                Endpoint endpoint = Lobby.start(pubsub, named);
                Page ann = Page.open(endpoint.port())) {
            ann.join("lobby:1", "{}");
            assertThat(ann.next("lobby:1", "presence_state")).contains("\"name\":\"Ms. guest\"");
            assertThat(named.get("lobby:1", "guest")).containsExactly(new Online("web", false));
        }
    }
}
