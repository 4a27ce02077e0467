package io.heliodor.examples;

// @start region=server
import io.heliodor.channel.*;
import io.heliodor.endpoint.Endpoint;
import java.nio.file.Path;

class Chat {
    record Message(String from, String body) {}

    public static void main(String[] args) {
        var newMsg = Event.of("new_msg", Message.class);
        var room = Channel.join(join -> Join.ok(join.topic()))
                .on(newMsg, (message, context) -> context.broadcast(newMsg, message))
                .build();
        var socket = UserSocket.open().channel("room:*", room).build();
        var endpoint = Endpoint.builder()
                .host("127.0.0.1")
                .port(4000)
                .socket("/socket", socket)
                .files("/", Path.of("web"))
                .start();
        System.out.println("http://127.0.0.1:" + endpoint.port());
    }
}
// @end
