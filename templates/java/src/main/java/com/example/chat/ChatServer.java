package com.example.chat;

import com.example.chat.Chat.Online;
import io.heliodor.endpoint.Endpoint;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.PubSub;
import java.nio.file.Path;

/** The server: the socket of the chat, and the files of the folder {@code web}. */
class ChatServer {
    public static void main(String[] args) {
        var pubsub = PubSub.local();
        var chat = new Chat(Presence.over(pubsub, Online.class));
        var endpoint = Endpoint.builder()
                .host("127.0.0.1")
                .port(4000)
                .pubsub(pubsub)
                .socket("/socket", chat.socket())
                .files("/", Path.of("web"))
                .build()
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(endpoint::close));
        System.out.println("http://127.0.0.1:" + endpoint.port());
    }
}
