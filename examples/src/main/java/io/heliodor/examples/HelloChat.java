package io.heliodor.examples;

// @start region=server
import io.heliodor.channel.*;
import io.heliodor.endpoint.Endpoint;
import io.heliodor.event.*;

class HelloChat {
    record Message(String from, String body) {}

    public static void main(String[] args) {
        var newMsg = Event.of("new_msg", Message.class);
        var room = Channel.join(join -> Join.ok(join.topic()))
                .on(newMsg, (message, context) -> context.broadcast(newMsg, message))
                .build();
        var socket = UserSocket.open().channel("room:*", room).build();
        Endpoint.builder().port(4000).socket("/socket", socket).build().start();
    }
}
// @end
