package io.heliodor.examples;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.Context;
import io.heliodor.channel.Join;
import io.heliodor.channel.Outcome;
import io.heliodor.channel.Reply;
import io.heliodor.channel.UserSocket;
import io.heliodor.endpoint.Endpoint;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Reason;
import io.heliodor.node.Node;
import io.heliodor.presence.Owner;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The presences of a lobby. */
final class Lobby {
    // @start region=meta
    record User(String id) {}

    record Online(String device, boolean away) {
        Online asAway() {
            return new Online(device, true);
        }
    }
    // @end

    static final Call<Empty, Empty, Reason> AWAY = Call.of("away", Empty.class, Empty.class);

    private Lobby() {}

    static Presence<Online> several(Node node) {
        // @start region=several
        Presence<Online> presence =
                Presence.builder(node.pubsub(), Online.class).name("lobby").build();
        // @end
        return presence;
    }

    static Presence<Online> withGrace(PubSub pubsub) {
        // @start region=grace
        Presence<Online> presence = Presence.builder(pubsub, Online.class)
                .grace(Duration.ofSeconds(10))
                .build();
        // @end
        return presence;
    }

    // @start region=track
    static Channel<User, User> lobby(Presence<Online> presence) {
        return Channel.of(User.class)
                .join(join -> Join.ok(join.socket().assigns()))
                .onJoined(room -> presence.track(room, room.assigns().id(), new Online("web", false)))
                .answer(AWAY, (nothing, room) -> away(room, presence))
                .build();
    }

    static Outcome<Empty, Reason> away(Context<User, User> room, Presence<Online> presence) {
        presence.update(room, room.assigns().id(), Online::asAway);
        return Reply.ok();
    }
    // @end

    // @start region=elsewhere
    static Channel<User, User> desk(Presence<Online> presence) {
        return Channel.of(User.class)
                .join(join -> Join.ok(join.socket().assigns()))
                .onJoined(desk -> presence.follow(desk, "agents:all", "agents"))
                .build();
    }

    static Channel<User, User> ticket(Presence<Online> presence) {
        return Channel.of(User.class)
                .join(join -> Join.ok(join.socket().assigns()))
                .onJoined(ticket ->
                        presence.track(ticket, "agents:all", ticket.assigns().id(), new Online("web", false)))
                .build();
    }
    // @end

    // @start region=viewers
    static Channel<User, User> stream(Presence<Online> presence) {
        return Channel.of(User.class)
                .join(join -> Join.ok(join.socket().assigns()))
                .onJoined(stream -> {
                    String viewers = "viewers:" + stream.subtopic();
                    presence.track(stream, viewers, stream.assigns().id(), new Online("web", false));
                    presence.followCount(stream, viewers, "viewers");
                })
                .build();
    }
    // @end

    static Endpoint start(PubSub pubsub, Presence<Online> presence) {
        var socket = UserSocket.connect(
                        connect -> Connect.ok(new User(connect.param("user").orElse("guest"))))
                .channel("lobby:*", lobby(presence))
                .build();
        // @start region=start
        Endpoint endpoint = Endpoint.builder()
                .port(0)
                .pubsub(pubsub)
                .socket("/socket", socket)
                .build()
                .start();
        // @end
        return endpoint;
    }

    static Presence<Online> over(PubSub pubsub) {
        // @start region=over
        Presence<Online> presence = Presence.over(pubsub, Online.class);
        // @end
        return presence;
    }

    static Map<String, List<Online>> read(Presence<Online> presence) {
        // @start region=read
        Map<String, List<Online>> everybody = presence.list("lobby:1");
        List<Online> devicesOfAnn = presence.get("lobby:1", "ann");
        int howMany = presence.count("lobby:1");
        // @end
        return howMany == 0 || devicesOfAnn.isEmpty() ? Map.of() : everybody;
    }

    static Subscription follow(Presence<Online> presence, Consumer<String> door) {
        // @start region=follow
        Subscription subscription = presence.subscribe("lobby:1", diff -> {
            diff.joins().keySet().forEach(user -> door.accept(user + " came"));
            diff.leaves().keySet().forEach(user -> door.accept(user + " went"));
        });
        // @end
        return subscription;
    }

    static void elsewhere(Presence<Online> presence) {
        // @start region=owner
        try (Owner printer = Owner.of("lobby:1")) {
            presence.track(printer, "printer-7", new Online("laser", false));
            // Present until the owner is closed.
        }
        // @end
    }

    // @start region=enrich
    record Profile(String name, String picture) {}

    interface Profiles {
        Map<String, Profile> find(Iterable<String> users);
    }

    static Presence<Online> withProfiles(PubSub pubsub, Profiles profiles) {
        return Presence.over(pubsub, Online.class, (topic, present) -> profiles.find(present.keySet()));
    }
    // @end

}
