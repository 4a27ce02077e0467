package io.heliodor.examples;

// @start region=server
import io.heliodor.channel.*;
import io.heliodor.endpoint.Endpoint;
import io.heliodor.event.*;
import io.heliodor.jwt.Jwts;

class SignedInChat {
    record Member(String name) {}

    record Say(String body) {}

    record Message(String from, String body) {}

    static final Event<Say> SAY = Event.of("say", Say.class);
    static final Event<Message> NEW_MSG = Event.of("new_msg", Message.class);

    public static void main(String[] args) {
        var jwts = Jwts.issuer(args[0]).audience("chat").build();
        var room = Channel.of(Member.class)
                .join(join -> Join.ok(join.socket().assigns(), join.socket().assigns()))
                .on(
                        SAY,
                        (say, context) -> context.broadcast(
                                NEW_MSG, new Message(context.assigns().name(), say.body())))
                .build();
        var socket = UserSocket.connect(connect ->
                        jwts.accept(connect, jwt -> Connect.ok(new Member(jwt.subject()), "users:" + jwt.subject())))
                .channel("room:*", room)
                .build();
        var endpoint = Endpoint.builder()
                .host("127.0.0.1")
                .port(4000)
                .socket("/socket", socket)
                .build()
                .start();
        System.out.println("http://127.0.0.1:" + endpoint.port());
    }
}
// @end
