package io.heliodor.jwt;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** An issuer on this machine: its metadata and its keys by HTTP, and the number of requests for them. */
final class LocalIssuer implements AutoCloseable {
    /** An answer of the issuer. */
    interface Answer {
        void write(HttpExchange exchange) throws IOException;
    }

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpServer server;
    private final AtomicInteger keyRequests = new AtomicInteger();
    private volatile Answer metadata;
    private volatile Answer keys = text(() -> TestToken.jwks());

    private LocalIssuer() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        metadata = text(() -> "{\"issuer\":\"" + url() + "\",\"jwks_uri\":\"" + url() + "/keys\"}");
        server.setExecutor(threads);
        server.createContext("/realms/x/.well-known/openid-configuration", exchange -> metadata.write(exchange));
        server.createContext("/realms/x/keys", exchange -> {
            keyRequests.incrementAndGet();
            keys.write(exchange);
        });
        server.start();
    }

    static LocalIssuer start(SigningKey... keys) {
        LocalIssuer issuer = new LocalIssuer();
        issuer.publish(keys);
        return issuer;
    }

    static Answer text(Supplier<String> body) {
        return exchange -> {
            byte[] bytes = body.get().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        };
    }

    static Answer status(int status) {
        return exchange -> {
            exchange.getResponseHeaders().add("Location", "/realms/x/elsewhere");
            exchange.sendResponseHeaders(status, -1);
            exchange.close();
        };
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/realms/x";
    }

    void publish(SigningKey... published) {
        String jwks =
                TestToken.jwks(Arrays.stream(published).map(SigningKey::jwk).toArray(com.nimbusds.jose.jwk.JWK[]::new));
        keys(text(() -> jwks));
    }

    void keys(Answer answer) {
        keys = answer;
    }

    void metadata(Answer answer) {
        metadata = answer;
    }

    int keyRequests() {
        return keyRequests.get();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
