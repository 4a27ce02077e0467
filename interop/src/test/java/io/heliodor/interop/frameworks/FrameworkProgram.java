package io.heliodor.interop.frameworks;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.channel.UserSocket;
import io.heliodor.endpoint.Endpoint;
import io.heliodor.endpoint.Tls;
import io.heliodor.endpoint.Transport;
import io.heliodor.event.Call;
import io.heliodor.event.Event;
import io.heliodor.event.Reason;
import io.heliodor.micrometer.HeliodorMetrics;
import io.heliodor.node.Cookie;
import io.heliodor.node.Node;
import io.heliodor.pubsub.Topic;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * An application that serves clients of its own for five seconds, with and without TLS, over each I/O backend that it is given.
 * {@link FrameworkVersionsIT} runs it with the class paths of frameworks. It uses the public API and the JDK only.
 */
final class FrameworkProgram {
    /** Begins the argument of a node without an endpoint. */
    static final String NODE = "node";

    private static final Duration TRAFFIC = Duration.ofSeconds(5);
    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final char[] PASSWORD = "changeit".toCharArray();

    private static final Call<Text, Text, Reason> ECHO = Call.of("echo", Text.class, Text.class);
    private static final Event<Text> NEWS = Event.of("news", Text.class);

    private static final Topic<String> TOPIC = Topic.of("news", String.class);

    record Text(String text, Optional<Integer> number) {}

    private final Transport transport;
    private final Optional<SSLContext> tls;
    private final HttpClient http;

    private FrameworkProgram(Transport transport, Optional<SSLContext> tls) {
        this.transport = transport;
        this.tls = tls;
        HttpClient.Builder client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1);
        tls.ifPresent(client::sslContext);
        this.http = client.build();
    }

    /** Takes a key store and the names of I/O backends, or {@link #NODE}. */
    public static void main(String[] args) throws Exception {
        if (args[0].equals(NODE)) {
            node();
            return;
        }
        SSLContext certificate = context(Path.of(args[0]));
        List<FutureTask<String>> running = new ArrayList<>();
        for (String name : List.of(args).subList(1, args.length)) {
            for (Optional<SSLContext> tls : List.of(Optional.<SSLContext>empty(), Optional.of(certificate))) {
                FutureTask<String> task = new FutureTask<>(new FrameworkProgram(Transport.valueOf(name), tls)::serve);
                Thread.ofPlatform().start(task);
                running.add(task);
            }
        }
        for (FutureTask<String> task : running) {
            System.out.println(task.get());
        }
    }

    private static SSLContext context(Path file) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD);
        }
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("it", store.getCertificate("it"));
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD);
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private static void node() throws Exception {
        try (Node node = Node.builder("alone@127.0.0.1")
                .cookie(Cookie.random())
                .bind("127.0.0.1", 0)
                .start()) {
            BlockingQueue<String> received = new LinkedBlockingQueue<>();
            node.pubsub().subscribe(TOPIC, received::add);
            node.pubsub().broadcast(TOPIC, "of a node");
            System.out.println(await(received));
        }
    }

    private String serve() throws Exception {
        Path files = Files.createTempDirectory("files");
        Path page = Files.writeString(files.resolve("page.txt"), "a page ".repeat(10_000));
        var room = Channel.join(join -> Join.ok(join.topic()))
                .answer(ECHO, (text, context) -> Reply.ok(text))
                .build();
        Endpoint.Builder builder = Endpoint.builder()
                .host("127.0.0.1")
                .port(0)
                .transport(transport)
                .compression(true)
                .files("/", files)
                .socket("/socket", UserSocket.open().channel("room:*", room).build());
        tls.ifPresent(certificate -> builder.tls(Tls.of(() -> certificate)));
        Client silent;
        try (Endpoint endpoint = builder.build().start();
                HeliodorMetrics metrics = HeliodorMetrics.of(endpoint)) {
            SimpleMeterRegistry registry = new SimpleMeterRegistry();
            metrics.bindTo(registry);
            silent = new Client(endpoint, "room:1");
            Client busy = new Client(endpoint, "room:2");
            echo(busy, "a small text");
            echo(busy, "a large text ".repeat(30_000));
            check(get(endpoint, "/page.txt"), Files.readString(page));
            check(get(endpoint, "/health").contains("\"up\""), true);
            poll(endpoint);
            long end = System.nanoTime() + TRAFFIC.toNanos();
            while (System.nanoTime() < end) {
                echo(busy, "a text");
                Thread.sleep(PAUSE);
            }
            endpoint.channels().broadcast("room:1", NEWS, new Text("of today", Optional.of(1)));
            silent.receives("\"news\",{\"text\":\"of today\",\"number\":1}");
            check(registry.getMeters().isEmpty(), false);
            busy.close();
            busy.receives("closed with 1000");
        }
        silent.receives("closed with 1001");
        Files.delete(page);
        Files.delete(files);
        return transport + (tls.isPresent() ? " with TLS" : "") + ": served";
    }

    private static void echo(Client client, String text) throws Exception {
        client.sends("\"echo\",{\"text\":\"" + text + "\"}");
        client.receives("\"response\":{\"text\":\"" + text + "\"");
    }

    private void poll(Endpoint endpoint) throws Exception {
        String path = "/socket/longpoll?vsn=2.0.0";
        String session = get(endpoint, path);
        String token = session.replaceAll(".*\"token\":\"([^\"]+)\".*", "$1");
        HttpRequest join = HttpRequest.newBuilder(uri(endpoint, "http", path + "&token=" + token))
                .POST(HttpRequest.BodyPublishers.ofString("[\"1\",\"1\",\"room:3\",\"phx_join\",{}]"))
                .build();
        check(http.send(join, BodyHandlers.ofString(UTF_8)).body().contains("200"), true);
        String reply = get(endpoint, path + "&token=" + token);
        check(reply.contains("phx_reply"), true);
    }

    private String get(Endpoint endpoint, String path) throws Exception {
        HttpResponse<String> response = http.send(
                HttpRequest.newBuilder(uri(endpoint, "http", path))
                        .timeout(DEADLINE)
                        .build(),
                BodyHandlers.ofString(UTF_8));
        check(response.statusCode(), 200);
        return response.body();
    }

    private URI uri(Endpoint endpoint, String scheme, String path) {
        return URI.create(scheme + (tls.isPresent() ? "s" : "") + "://localhost:" + endpoint.port() + path);
    }

    private static void check(Object found, Object expected) {
        if (!found.equals(expected)) {
            throw new AssertionError("instead of " + expected + ": " + found);
        }
    }

    private static <T> T await(BlockingQueue<T> queue) throws InterruptedException {
        T next = queue.poll(DEADLINE.toSeconds(), TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("nothing came within " + DEADLINE);
        }
        return next;
    }

    /** A client that has joined one topic. */
    private final class Client implements WebSocket.Listener {
        private final BlockingQueue<String> received = new LinkedBlockingQueue<>();
        private final StringBuilder partial = new StringBuilder();
        private final String topic;
        private final WebSocket socket;

        Client(Endpoint endpoint, String topic) throws Exception {
            this.topic = topic;
            this.socket = http.newWebSocketBuilder()
                    .buildAsync(uri(endpoint, "ws", "/socket/websocket?vsn=2.0.0"), this)
                    .get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
            sends("\"phx_join\",{}");
            receives("\"status\":\"ok\"");
        }

        void sends(String eventAndPayload) throws Exception {
            socket.sendText("[\"1\",\"1\",\"" + topic + "\"," + eventAndPayload + "]", true)
                    .get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
        }

        void receives(String part) throws InterruptedException {
            String next = FrameworkProgram.await(received);
            if (!next.contains(part)) {
                throw new AssertionError("instead of " + part + ": " + next);
            }
        }

        void close() throws Exception {
            socket.sendClose(WebSocket.NORMAL_CLOSURE, "").get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
        }

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
            partial.append(text);
            if (last) {
                received.add(partial.toString());
                partial.setLength(0);
            }
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            received.add("closed with " + code);
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            received.add("failed with " + error);
        }
    }
}
