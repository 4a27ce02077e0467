package io.heliodor.interop.proxies;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.ConnectOutcome;
import io.heliodor.channel.History;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.channel.UserSocket;
import io.heliodor.endpoint.Endpoint;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.event.Raw;
import io.heliodor.event.Reason;
import io.heliodor.fixtures.FreePort;
import io.heliodor.node.Cookie;
import io.heliodor.node.Node;
import io.heliodor.node.StartException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** A web server, and two nodes with a socket: all that is behind the proxy. */
final class Site implements AutoCloseable {
    static final String PAGE = "<!doctype html><title>The page</title>";
    static final String ORDERS = "[{\"order\":1}]";

    /** The prefix of topics with a history. */
    static final String KEPT = "history:";

    private static final Event<News> NEWS = Event.of("news", News.class);
    private static final Event<Raw> SHOUT = Event.of("shout", Raw.class);
    private static final Call<Raw, Raw, Reason> ECHO = Call.of("echo", Raw.class, Raw.class);

    private static final Cookie COOKIE = Cookie.of("a-cookie-for-these-tests");
    private static final Duration DRAIN = Duration.ofMillis(500);
    private static final Duration DEADLINE = Duration.ofSeconds(60);

    private static final Arrival NONE = new Arrival("", Optional.empty());

    private final HttpServer web;
    private final List<Server> servers = new ArrayList<>();
    private volatile Arrival lastArrival = NONE;

    /** The payload of a broadcast. */
    record News(int n, String text) {}

    /** A connection as its connect handler gets it. */
    record Arrival(String address, Optional<String> scheme) {}

    private Site(HttpServer web) {
        this.web = web;
    }

    static Site start() throws IOException, StartException {
        HttpServer web = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        answer(web, "/", "text/html", PAGE);
        answer(web, "/api/orders", "application/json", ORDERS);
        web.start();
        Site site = new Site(web);
        try {
            for (String name : List.of("one", "two")) {
                Server server = site.new Server(name);
                site.servers.add(server);
                server.start();
            }
            site.awaitFormed();
        } catch (Throwable e) {
            site.close();
            throw e;
        }
        return site;
    }

    private static void answer(HttpServer web, String path, String type, String text) {
        web.createContext(path, exchange -> {
            byte[] bytes = text.getBytes(UTF_8);
            exchange.getResponseHeaders().set("Content-Type", type);
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
    }

    int webPort() {
        return web.getAddress().getPort();
    }

    /** The port of a node's endpoint, which stays when it is restarted. */
    int port(int server) {
        return servers.get(server).port;
    }

    /** The connection whose connect handler ran last. */
    Arrival lastArrival() {
        return lastArrival;
    }

    void forgetArrival() {
        lastArrival = NONE;
    }

    /** Broadcasts to {@code room:} topics. */
    void broadcast(String topic, int n, String text) {
        servers.getFirst().endpoint.channels().broadcast(topic, NEWS, new News(n, text));
    }

    /** The number of clients that were closed because they did not read, since the nodes were started. */
    long closedAsSlow() {
        return servers.stream()
                .mapToLong(server -> server.endpoint.metrics().value("heliodor.connections.closed", "slow"))
                .sum();
    }

    /** Restarts a node, and returns when clients arrive at it again. */
    void restart(int number) throws StartException {
        Server server = servers.get(number);
        server.stop();
        int before = server.arrivals.get();
        server.start();
        awaitFormed();
        await("clients arrive at the node again").atMost(DEADLINE).until(() -> server.arrivals.get() > before);
    }

    private void awaitFormed() {
        await("both nodes see both").atMost(DEADLINE).untilAsserted(() -> {
            for (Server server : servers) {
                assertThat(server.node.membership().peers())
                        .containsExactlyElementsOf(servers.stream()
                                .filter(other -> other != server)
                                .map(other -> other.node.name())
                                .toList());
            }
        });
    }

    @Override
    public void close() {
        servers.forEach(Server::stop);
        web.stop(0);
    }

    private final class Server {
        private final AtomicInteger arrivals = new AtomicInteger();
        private final String name;
        private final int port;
        private final int link;
        private int starts;
        private volatile Node node;
        private volatile Endpoint endpoint;

        Server(String name) {
            this.name = name;
            port = FreePort.find();
            int other;
            do {
                other = FreePort.find();
            } while (other == port);
            link = other;
        }

        void start() throws StartException {
            node = Node.builder(name + "-" + ++starts + "@127.0.0.1")
                    .bind("127.0.0.1", link)
                    .seeds(servers.stream()
                            .map(server -> "127.0.0.1:" + server.link)
                            .toArray(String[]::new))
                    .cookie(COOKIE)
                    .start();
            endpoint = Endpoint.builder()
                    .host("127.0.0.1")
                    .port(port)
                    .pubsub(node.pubsub())
                    .trustedProxies("127.0.0.1")
                    .socket("/socket", socket())
                    .build()
                    .start();
        }

        private UserSocket<Empty> socket() {
            return UserSocket.connect(this::connect)
                    .channel("room:*", room().build())
                    .channel(
                            KEPT + "*",
                            room().history(History.of(10_000, Duration.ofMinutes(5), SHOUT))
                                    .build())
                    .build();
        }

        private ConnectOutcome<Empty> connect(Connect connect) {
            lastArrival = new Arrival(connect.remoteAddress(), connect.scheme());
            arrivals.incrementAndGet();
            return Connect.ok(Empty.EMPTY);
        }

        private static Channel.Builder<Object, Empty> room() {
            return Channel.join(join -> Join.ok(Empty.EMPTY))
                    .on(SHOUT, (message, room) -> room.broadcast(SHOUT, message))
                    .answer(ECHO, (message, room) -> Reply.ok(message));
        }

        /** As a process does it on SIGTERM. */
        void stop() {
            if (endpoint != null) {
                endpoint.drain(DRAIN);
                endpoint.close();
            }
            if (node != null) {
                node.close();
            }
        }
    }
}
