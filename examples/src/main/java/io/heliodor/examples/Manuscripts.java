package io.heliodor.examples;

import io.heliodor.channel.Connect;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.channel.UserSocket;
import io.heliodor.document.DocumentMember.Access;
import io.heliodor.document.DocumentStore;
import io.heliodor.document.Documents;
import io.heliodor.endpoint.Endpoint;
import io.heliodor.pubsub.PubSub;
import java.sql.SQLException;

/** Documents that the users of a database share. */
final class Manuscripts {
    private Manuscripts() {}

    record User(String name, boolean editor) {}

    static Endpoint serve(PubSub pubsub, DocumentStore store) {
        // @start region=socket
        Documents documents = Documents.of(pubsub, store);
        UserSocket<Object> socket =
                UserSocket.open().channel("doc:*", documents.channel().build()).build();
        Endpoint endpoint = Endpoint.builder()
                .pubsub(pubsub)
                .socket("/socket", socket)
                .build()
                .start();
        // @end
        return endpoint;
    }

    static UserSocket<User> withRights(Documents documents) {
        return UserSocket.connect(connect -> connect.param("name")
                        .map(name -> Connect.ok(new User(name, name.equals("ann"))))
                        .orElseThrow())
                .channel(
                        "doc:*",
                        // @start region=rights
                        documents
                                .channel(User.class, join -> {
                                    if (join.subtopic().startsWith("private-")) {
                                        return Join.refuse("unauthorized");
                                    }
                                    return Join.ok(join.socket().assigns().editor() ? Access.WRITE : Access.READ);
                                })
                                .onException(SQLException.class, e -> Reply.error("unavailable"))
                                .build()
                        // @end
                        )
                .build();
    }
}
