package com.example.board;

import com.example.board.Board.Online;
import io.heliodor.endpoint.Endpoint;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.PubSub;
import java.nio.file.Path;

/** The server: the socket of the board, and the files of the folder {@code web}. */
class BoardServer {
    public static void main(String[] args) {
        var pubsub = PubSub.local();
        var board = new Board(Presence.over(pubsub, Online.class));
        var endpoint = Endpoint.builder()
                .host("127.0.0.1")
                .port(4000)
                .pubsub(pubsub)
                .socket("/socket", board.socket())
                .files("/", Path.of("web"))
                .build()
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(endpoint::close));
        System.out.println("http://127.0.0.1:" + endpoint.port());
    }
}
