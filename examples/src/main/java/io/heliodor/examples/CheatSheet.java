package io.heliodor.examples;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Channels;
import io.heliodor.channel.Connect;
import io.heliodor.channel.History;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.channel.SlowPolicy;
import io.heliodor.channel.UserSocket;
import io.heliodor.endpoint.Endpoint;
import io.heliodor.event.Call;
import io.heliodor.event.Event;
import io.heliodor.event.Reason;
import io.heliodor.limit.Rate;
import io.heliodor.node.Cookie;
import io.heliodor.node.Node;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Topic;
import io.heliodor.token.TokenOutcome;
import io.heliodor.token.Tokens;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** The lines that most servers need, on one page. */
final class CheatSheet {
    private CheatSheet() {}

    /** An exception of the application. */
    static final class SoldOut extends Exception {
        private static final long serialVersionUID = 1L;
    }

    /** The application. */
    interface Shop {
        boolean isOpen(String room);

        State read(String room);

        Receipt buy(Order order) throws SoldOut;
    }

    // @start region=declarations
    record User(String id, String name) {}

    record Say(String text) {}

    record Said(String by, String text) {}

    record Typing(String by) {}

    record Order(String item, int pieces) {}

    record Receipt(long number) {}

    record State(List<Said> newest) {}

    record Online(String device) {}

    static final Event<Say> SAY = Event.of("say", Say.class); // from a client, without a reply
    static final Event<Said> SAID = Event.of("message", Said.class); // to clients
    static final Event<Typing> TYPING = Event.of("typing", Typing.class);
    static final Call<Order, Receipt, Reason> BUY = Call.of("buy", Order.class, Receipt.class); // with a reply
    static final Topic<Receipt> SALES = Topic.of("sales", Receipt.class); // within the application
    // @end

    // @start region=channel
    static Channel<User, String> room(Shop shop, Presence<Online> presence) {
        return Channel.of(User.class)
                .join(join -> shop.isOpen(join.subtopic()) // the 42 of room:42
                        ? Join.ok(join.subtopic(), shop.read(join.subtopic())) // assigns, reply
                        : Join.refuse("closed"))
                .onJoined(room -> presence.track(room, room.socket().assigns().id(), new Online("web")))
                .on(
                        SAY,
                        (say, room) -> room.broadcast(
                                SAID, new Said(room.socket().assigns().name(), say.text())))
                .on(TYPING, (typing, room) -> room.broadcastFrom(TYPING, typing)) // not to its sender
                .answer(BUY, (order, room) -> Reply.ok(shop.buy(order)))
                .onException(SoldOut.class, _ -> Reply.error("sold_out"))
                .history(History.of(100, Duration.ofMinutes(5), SAID)) // for clients that come back
                .whenSlow(TYPING, SlowPolicy.drop()) // for clients that do not keep up
                .messageRate(Rate.perSecond(20).burst(100)) // of one client
                .build();
    }
    // @end

    // @start region=socket
    static UserSocket<User> socket(Tokens<User> tokens, Channel<User, String> room) {
        return UserSocket.connect(connect -> switch (tokens.verify(connect.authToken())) {
                    case TokenOutcome.Valid<User>(var user, var _, var left) ->
                        Connect.ok(user, "users:" + user.id()).validFor(left);
                    default -> Connect.refuse(401);
                })
                .channel("room:*", room)
                .build();
    }
    // @end

    static Endpoint serve(UserSocket<User> socket, PubSub pubsub) {
        // @start region=serve
        Endpoint endpoint = Endpoint.builder()
                .port(4000)
                .pubsub(pubsub) // PubSub.local(), or that of a node
                .socket("/socket", socket)
                .build()
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(endpoint::close)); // drains
        // @end
        return endpoint;
    }

    static int outside(PubSub pubsub, Consumer<Receipt> sales) {
        // @start region=outside
        Channels channels = Channels.over(pubsub);
        channels.broadcast("room:42", SAID, new Said("shop", "We close at six.")); // to the members of a topic
        var _ = channels.push("users:7", SAID, new Said("shop", "Your order was shipped.")); // to a user
        channels.remove("users:7", "room:42"); // from a topic
        channels.disconnect("users:7"); // all connections of a user
        int members = channels.memberCount("room:42"); // on all nodes
        var _ = pubsub.subscribe(SALES, sales::accept); // messages between parts of the application
        pubsub.broadcast(SALES, new Receipt(1));
        // @end
        return members;
    }

    static PubSub node() {
        // @start region=node
        Node node = Node.builder("shop@10.0.0.5") // another name for each process
                .seeds("10.0.0.5:7100", "10.0.0.6:7100")
                .cookie(Cookie.of(System.getenv("COOKIE"))) // the same on all nodes
                .start();
        PubSub pubsub = node.pubsub(); // broadcasts, presences and histories span the nodes
        // @end
        return pubsub;
    }
}
