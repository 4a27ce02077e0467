package io.heliodor.session;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.Out;
import io.heliodor.channel.Reply;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Call;
import io.heliodor.event.Event;
import io.heliodor.type.Type;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Sealed types as the declared types of all messages. */
class SealedPayloadTests {
    sealed interface Shape {}

    record Circle(int radius) implements Shape {}

    record Square(int side) implements Shape {}

    sealed interface Problem {}

    record TooLarge(int most) implements Problem {}

    private static final Event<Shape> DRAW = Event.of("draw", Shape.class);
    private static final Call<Shape, List<Shape>, Problem> DOUBLE =
            Call.of("double", Type.of(Shape.class), new Type<List<Shape>>() {}).failingWith(Problem.class);
    private static final Call<Shape, Shape, Problem> LATER =
            Call.of("later", Shape.class, Shape.class).failingWith(Problem.class);

    @AutoClose
    private final TestServer server = new TestServer();

    @Test
    void theSubtypeIsNamedInEachMessage() {
        Client client = server.connectTo(UserSocket.open()
                .channel(
                        "room:*",
                        Channel.join(join -> Join.ok("a"))
                                .on(DRAW, (shape, room) -> {
                                    room.push(DRAW, shape);
                                    return room.broadcast(DRAW, shape);
                                })
                                .intercept(DRAW, (shape, room) -> Out.replace(new Square(9)))
                                .answer(
                                        DOUBLE,
                                        (shape, room) -> shape instanceof Square
                                                ? Reply.error(new TooLarge(1))
                                                : Reply.ok(List.of(shape, shape)))
                                .answerLater(LATER, (shape, room, reply) -> reply.send(Reply.ok(shape)))
                                .build())
                .build());
        client.joins("3", "room:42");
        client.sends("['3',null,'room:42','draw',{'type':'Circle','radius':1}]");
        client.receives("['3',null,'room:42','draw',{'type':'Circle','radius':1}]");
        client.receives("[null,null,'room:42','draw',{'type':'Square','side':9}]");
        client.sends("['3','8','room:42','double',{'radius':1,'type':'Circle'}]");
        client.receives("['3','8','room:42','phx_reply',{'status':'ok','response':"
                + "[{'type':'Circle','radius':1},{'type':'Circle','radius':1}]}]");
        client.sends("['3','8','room:42','double',{'side':1,'type':'Square'}]");
        client.receives("['3','8','room:42','phx_reply',{'status':'error','response':{'type':'TooLarge','most':1}}]");
        client.sends("['3','8','room:42','later',{'side':1,'type':'Square'}]");
        client.receives("['3','8','room:42','phx_reply',{'status':'ok','response':{'type':'Square','side':1}}]");
    }
}
