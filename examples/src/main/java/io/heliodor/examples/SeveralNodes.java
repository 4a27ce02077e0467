package io.heliodor.examples;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.History;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.endpoint.Endpoint;
import io.heliodor.event.Event;
import io.heliodor.node.Cookie;
import io.heliodor.node.Ending;
import io.heliodor.node.Node;
import io.heliodor.node.StartException;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.PubSub;
import java.time.Duration;

/** A chat on one server, and the same on several. */
final class SeveralNodes {
    record User(String name) {}

    record Online(String device) {}

    record Message(String from, String body) {}

    record Settings(String node, String address, String seeds, String cookie) {}

    static final Event<Message> MESSAGE = Event.of("message", Message.class);

    private SeveralNodes() {}

    static UserSocket<User> socket(Presence<Online> presence) {
        Channel<User, User> room = Channel.of(User.class)
                .join(join -> Join.ok(join.socket().assigns()))
                .onJoined(in -> presence.track(in, in.assigns().name(), new Online("web")))
                .on(MESSAGE, (message, in) -> in.broadcast(MESSAGE, message))
                .history(History.of(100, Duration.ofMinutes(5), MESSAGE))
                .build();
        return UserSocket.connect(
                        connect -> Connect.ok(new User(connect.param("name").orElse("guest"))))
                .channel("room:*", room)
                .build();
    }

    static Endpoint startOne() {
        // @start region=one
        PubSub pubsub = PubSub.local();
        Endpoint endpoint = Endpoint.builder()
                .port(4000)
                .pubsub(pubsub)
                .socket("/socket", socket(Presence.over(pubsub, Online.class)))
                .build()
                .start();
        // @end
        return endpoint;
    }

    static void start(Settings settings) throws StartException {
        // @start region=several
        Node node = Node.builder(settings.node()) // chat-1@10.0.0.5
                .bind("0.0.0.0", 7100)
                .advertise(settings.address(), 7100) // 10.0.0.5
                .seeds(settings.seeds().split(",")) // 10.0.0.5:7100,10.0.0.6:7100
                .cookie(Cookie.of(settings.cookie()))
                .start();
        Endpoint endpoint = Endpoint.builder()
                .host("0.0.0.0")
                .port(4000)
                .pubsub(node.pubsub())
                .socket("/socket", socket(Presence.over(node.pubsub(), Online.class)))
                .build()
                .start();
        // @end
        stopWithTheJvm(endpoint, node);
        endWithTheNode(node);
    }

    static void endWithTheNode(Node node) {
        // @start region=ended
        var _ = node.ended().thenAccept(how -> {
            if (!(how instanceof Ending.Closed)) {
                System.exit(1); // clients go to other nodes, and this process is started again
            }
        });
        // @end
    }

    static void stopWithTheJvm(Endpoint endpoint, Node node) {
        // @start region=stop
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            endpoint.drain(Duration.ofSeconds(20)); // clients come back one after the other, at other nodes
            endpoint.close();
            node.close();
        }));
        // @end
    }
}
