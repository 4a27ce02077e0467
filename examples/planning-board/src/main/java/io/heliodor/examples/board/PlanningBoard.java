package io.heliodor.examples.board;

import io.heliodor.endpoint.*;
import io.heliodor.examples.board.Board.User;
import io.heliodor.limit.*;
import io.heliodor.micrometer.HeliodorMetrics;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.PubSub;
import io.heliodor.token.*;
import io.micrometer.prometheusmetrics.*;
import java.nio.file.Path;
import org.h2.jdbcx.JdbcConnectionPool;

/** The server. Its arguments are the names of the users, the owner first; it prints a link for each. */
class PlanningBoard {
    static final Limits LIMITS =
            Limits.openInternet().rates(r -> r.messages(Rate.perSecond(20)).perId(true));
    static final String DATABASE = "jdbc:h2:./board;INIT=RUNSCRIPT FROM 'classpath:schema.sql'";

    public static void main(String[] names) {
        var pubsub = PubSub.local();
        var presence = Presence.over(pubsub, User.class);
        var revocations = Revocations.over(pubsub);
        var tokens = Tokens.of(User.class, "board")
                .secrets(Secret.of(Secret.fresh()))
                .revocable(revocations, User::name)
                .build();
        var database = JdbcConnectionPool.create(DATABASE, "", "");
        var board = new Board(new Cards(database), presence, tokens, revocations);
        var metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        var endpoint = Endpoint.builder()
                .port(Integer.getInteger("port", 4000))
                .pubsub(pubsub)
                .limits(LIMITS)
                .socket("/socket", board.socket())
                .files("/", Path.of("web"))
                .get("/metrics", request -> new Text("text/plain; version=0.0.4", metrics.scrape()))
                .build()
                .start();
        HeliodorMetrics.of(endpoint).presence("board", presence).bindTo(metrics);
        Runtime.getRuntime().addShutdownHook(new Thread(endpoint::close));
        for (String name : names) {
            String token = tokens.sign(new User(name, name.equals(names[0])));
            System.out.println(name + ": http://localhost:" + endpoint.port() + "/#" + token);
        }
    }
}
