package io.heliodor.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.endpoint.Endpoint;
import io.heliodor.examples.Intercepts.Reader;
import io.heliodor.examples.RoomEvents.Said;
import io.heliodor.fixtures.Page;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The fragments of the guide behave as described, over the network. */
class GuideTests {
    private static final String EMPTY = "{}";
    private static final String OK = "{\"status\":\"ok\",\"response\":{}}";

    private final BlockingQueue<String> log = new LinkedBlockingQueue<>();

    private String logged() throws InterruptedException {
        return String.valueOf(log.poll(10, TimeUnit.SECONDS));
    }

    private static String error(String reason) {
        return "{\"status\":\"error\",\"response\":{\"reason\":\"" + reason + "\"}}";
    }

    @Test
    void anExactPatternPrecedesALongerAndAShorterOne() throws InterruptedException {
        try (Endpoint endpoint = Servers.serve(Serving.socket(named("room"), named("lobby"), named("news")));
                Page client = Page.open(endpoint.port())) {
            assertThat(client.join("room:42", EMPTY)).contains("room 42");
            assertThat(client.join("room:lobby", EMPTY)).contains("lobby room:lobby");
            assertThat(client.join("news", EMPTY)).contains("news news");
            assertThat(client.join("newspaper", EMPTY)).isEqualTo(error("unmatched topic"));
        }
    }

    private static Channel<Object, String> named(String name) {
        record Found(String by) {}
        return Channel.join(join -> Join.ok(name, new Found(name + " " + join.subtopic())))
                .build();
    }

    @Test
    void aJoinIsAnsweredBeforeAnythingIsPushed() throws InterruptedException {
        try (Endpoint endpoint = Servers.serve(Joining.channel(List.of(new Said("ann", "hi"))));
                Page client = Page.open(endpoint.port())) {
            assertThat(client.join("room:1", EMPTY))
                    .isEqualTo("{\"status\":\"ok\",\"response\":{\"topic\":\"room:1\",\"text\":\"Be kind.\"}}");
            assertThat(client.next("room:1", "backlog")).isEqualTo("{\"messages\":[{\"by\":\"ann\",\"body\":\"hi\"}]}");
        }
    }

    @Test
    void payloadsOfAllKindsArePassedOn() throws InterruptedException {
        try (Endpoint endpoint = Servers.serve(Payloads.channel());
                Page client = Page.open(endpoint.port())) {
            client.join("room:1", EMPTY);
            assertThat(client.asks("room:1", "ping", "[1]")).isEqualTo(OK);
            client.sends("room:1", "shout", "{\"a\":[1,{}]}");
            assertThat(client.next("room:1", "shout")).isEqualTo("{\"a\":[1,{}]}");
            client.sends("room:1", "scores", "{\"ann\":3}");
            assertThat(client.next("room:1", "scores")).isEqualTo("{\"ann\":3}");
            assertThat(client.asks("room:1", "scores", EMPTY)).isEqualTo(error("empty"));
            assertThat(client.asks("room:1", "unheard", EMPTY)).isEqualTo(error("unhandled_event"));
        }
    }

    @Test
    void aReplyMayComeFromAnotherThread() throws InterruptedException {
        LaterAnswers answers = new LaterAnswers(symbol -> CompletableFuture.supplyAsync(() -> {
            if (symbol.equals("HLD")) {
                return new LaterAnswers.Price(990);
            }
            throw new IllegalArgumentException(symbol);
        }));
        try (Endpoint endpoint = Servers.serve(answers.channel());
                Page client = Page.open(endpoint.port())) {
            client.join("room:1", EMPTY);
            assertThat(client.asks("room:1", "quote", "{\"symbol\":\"HLD\"}"))
                    .isEqualTo("{\"status\":\"ok\",\"response\":{\"cents\":990}}");
            assertThat(client.asks("room:1", "quote", "{\"symbol\":\"?\"}")).isEqualTo(error("unavailable"));
        }
    }

    @Test
    void anExpectedExceptionIsAnErrorReply() throws InterruptedException {
        Expected.Store away = (topic, message) -> {
            throw new SQLException("connection refused");
        };
        try (Endpoint endpoint = Servers.serve(Expected.channel(away));
                Page client = Page.open(endpoint.port())) {
            client.join("room:1", EMPTY);
            assertThat(client.asks("room:1", "new_msg", "{\"body\":\"hi\"}")).isEqualTo(error("unavailable"));
            assertThat(client.asks("room:1", "new_msg", "{\"body\":\"again\"}")).isEqualTo(error("unavailable"));
        }
    }

    @Test
    void theServerPushesByItself() throws InterruptedException {
        try (var timer = Executors.newSingleThreadScheduledExecutor();
                Endpoint endpoint = Servers.serve(ServerSide.counter(timer, Duration.ofMillis(5)));
                Page client = Page.open(endpoint.port())) {
            client.join("room:lobby", EMPTY);
            assertThat(client.next("room:lobby", "count")).isEqualTo("{\"value\":1}");
            assertThat(client.next("room:lobby", "count")).isEqualTo("{\"value\":2}");
            ServerSide.announce(endpoint.pubsub());
            assertThat(client.next("room:lobby", "notice")).isEqualTo("{\"text\":\"maintenance at noon\"}");
            assertThat(client.asks("room:lobby", "phx_leave", EMPTY)).isEqualTo(OK);
            timer.shutdownNow();
        }
    }

    @Test
    void anInterceptDecidesForEachMember() throws InterruptedException {
        var socket = UserSocket.connect((Connect connect) -> {
                    String name = connect.authToken().orElseThrow();
                    return Connect.ok(new Reader(name, name.equals("cleo") ? Set.of("ana") : Set.of()));
                })
                .channel("room:*", Intercepts.channel())
                .build();
        try (Endpoint endpoint = Servers.serve(socket);
                Page ana = Page.signedIn(endpoint.port(), "ana");
                Page ben = Page.signedIn(endpoint.port(), "ben");
                Page cleo = Page.signedIn(endpoint.port(), "cleo")) {
            ana.join("room:1", EMPTY);
            ben.join("room:1", EMPTY);
            cleo.join("room:1", EMPTY);
            ana.sends("room:1", "post", "{\"by\":\"ana\",\"body\":\"1\"}");
            assertThat(ana.next("room:1", "post")).isEqualTo("{\"by\":\"ana\",\"body\":\"1\",\"mine\":true}");
            assertThat(ben.next("room:1", "post")).isEqualTo("{\"by\":\"ana\",\"body\":\"1\"}");
            ben.sends("room:1", "post", "{\"by\":\"ben\",\"body\":\"2\"}");
            assertThat(cleo.next("room:1", "post")).isEqualTo("{\"by\":\"ben\",\"body\":\"2\"}");
        }
    }

    @Test
    void aClientOverItsRateGetsTheTimeUntilARetry() throws InterruptedException {
        try (Endpoint endpoint = Servers.serve(Desk.notes());
                Page client = Page.open(endpoint.port())) {
            client.join("room:1", EMPTY);
            // Far more than the burst and the permits that are refilled meanwhile.
            for (int i = 0; i < 500; i++) {
                client.sends("room:1", "note", "{\"text\":\"hi\"}");
            }
            assertThat(client.asks("room:1", "unheard", EMPTY))
                    .matches("\\{\"status\":\"error\",\"response\":"
                            + "\\{\"reason\":\"rate_limited\",\"retry_after_ms\":[0-9]+}}");
        }
    }

    @Test
    void aClientThatKeepsUpGetsEachCursor() throws InterruptedException {
        try (Endpoint endpoint = Servers.serve(Desk.channel());
                Page ana = Page.open(endpoint.port());
                Page ben = Page.open(endpoint.port())) {
            ana.join("room:1", EMPTY);
            ben.join("room:1", EMPTY);
            for (String cursor : List.of("{\"user\":\"ana\",\"x\":1,\"y\":2}", "{\"user\":\"ana\",\"x\":3,\"y\":4}")) {
                ana.sends("room:1", "cursor", cursor);
                assertThat(ben.next("room:1", "cursor")).isEqualTo(cursor);
            }
            ana.sends("room:1", "typing", "{\"user\":\"ana\"}");
            assertThat(ben.next("room:1", "typing")).isEqualTo("{\"user\":\"ana\"}");
        }
    }

    @Test
    void aChannelEndsForAReason() throws InterruptedException {
        try (Endpoint endpoint = Servers.serve(Endings.channel(log::add))) {
            try (Page client = Page.open(endpoint.port())) {
                client.join("room:left", EMPTY);
                assertThat(client.asks("room:left", "phx_leave", EMPTY)).isEqualTo(OK);
                assertThat(logged()).isEqualTo("left: left");

                client.join("room:bye", EMPTY);
                client.sends("room:bye", "bye", EMPTY);
                assertThat(client.next("room:bye", "phx_close")).isEqualTo(EMPTY);
                assertThat(logged()).isEqualTo("bye: stopped: goodbye");

                client.join("room:guess", EMPTY);
                assertThat(client.asks("room:guess", "guess", "{\"word\":\"heliodor\"}"))
                        .isEqualTo(OK);
                assertThat(client.asks("room:guess", "guess", "{\"word\":\"beryl\"}"))
                        .isEqualTo(error("wrong"));
                assertThat(logged()).isEqualTo("guess: stopped: guessed wrong");

                client.join("room:twice", EMPTY);
                client.join("room:twice", EMPTY);
                assertThat(logged()).isEqualTo("twice: joined again");
            }
            assertThat(logged()).isEqualTo("twice: connection lost");
        }
    }

    @Test
    void heavyWorkIsDoneElsewhere() throws InterruptedException {
        try (var pool = Executors.newFixedThreadPool(1);
                Endpoint endpoint = Servers.serve(HeavyWork.channel(pool));
                Page client = Page.open(endpoint.port())) {
            client.join("room:1", EMPTY);
            assertThat(client.asks("room:1", "prime", "{\"bits\":7}"))
                    .isEqualTo("{\"status\":\"ok\",\"response\":{\"digits\":\"131\"}}");
        }
    }

    @Test
    void limitsAndOriginsAreSet() throws InterruptedException {
        var socket = UserSocket.open().channel("room:*", named("room")).build();
        try (Endpoint endpoint = Serving.start(0, socket);
                Page client = Page.open(endpoint.port())) {
            for (int i = 0; i < 10; i++) {
                client.join("room:" + i, EMPTY);
            }
            assertThat(client.join("room:10", EMPTY)).isEqualTo(error("too many channels joined"));
        }
    }

    @Test
    void aClientThatJoinsAgainGetsTheKeptMessages() throws InterruptedException {
        try (Endpoint endpoint = Servers.serve(Keeping.channel());
                Page ann = Page.open(endpoint.port())) {
            String joined = ann.join("room:1", EMPTY);
            assertThat(joined).endsWith("\"recovered\":false}}}");
            String token = joined.replaceFirst(".*\"token\":(\"@[^\"]+\").*", "$1");
            endpoint.channels().broadcast("room:1", Keeping.TYPING, new Keeping.Typing("bo"));
            endpoint.channels().broadcast("room:1", Keeping.MESSAGE, new Keeping.Message("bo", "hi"));
            assertThat(ann.next("room:1", "message")).isEqualTo("{\"by\":\"bo\",\"body\":\"hi\"}");
            try (Page back = Page.open(endpoint.port())) {
                assertThat(back.join("room:1", "{\"since\":" + token + "}"))
                        .endsWith("\"token\":" + token + ",\"recovered\":true}}}");
                assertThat(back.next("room:1", "message")).isEqualTo("{\"by\":\"bo\",\"body\":\"hi\"}");
            }
        }
    }
}
