package io.heliodor.interop.proxies;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/** Clients that connect one after the other, by a WebSocket and by long poll in turn, until {@link #end()}. */
final class Arrivals {
    private static final int AT_ONCE = 2;
    private static final Duration PAUSE = Duration.ofMillis(10);
    private static final int DEADLINE_SECONDS = 60;

    private final HttpClient http;
    private final URI webSocket;
    private final URI poll;
    private final AtomicInteger connected = new AtomicInteger();
    private final List<String> failures = new CopyOnWriteArrayList<>();
    private final List<Thread> threads;
    private volatile boolean ended;

    Arrivals(HttpClient http, RunningProxy proxy) {
        this.http = http;
        webSocket = URI.create(proxy.socket() + "/websocket?vsn=2.0.0");
        poll = URI.create(proxy.url() + "/socket/longpoll?vsn=2.0.0");
        threads = IntStream.range(0, AT_ONCE)
                .mapToObj(_ -> Thread.ofVirtual().start(this::connect))
                .toList();
    }

    private void connect() {
        while (!ended) {
            try {
                http.newWebSocketBuilder()
                        .buildAsync(webSocket, new WebSocket.Listener() {})
                        .get(DEADLINE_SECONDS, TimeUnit.SECONDS)
                        .abort();
                HttpResponse<String> session =
                        http.send(HttpRequest.newBuilder(poll).build(), BodyHandlers.ofString(UTF_8));
                if (session.statusCode() != 200 || !session.body().contains("\"token\"")) {
                    failures.add("a poll got " + session.statusCode() + ": " + session.body());
                }
                connected.addAndGet(2);
                Thread.sleep(PAUSE);
            } catch (ExecutionException e) {
                failures.add(
                        e.getCause() instanceof WebSocketHandshakeException refused
                                ? "a handshake got " + refused.getResponse().statusCode()
                                : "a handshake failed: " + e.getCause());
            } catch (InterruptedException e) {
                return;
            } catch (Exception e) {
                failures.add("a client failed: " + e);
            }
        }
    }

    /** The number of clients that have connected. */
    int connected() {
        return connected.get();
    }

    /** The clients that could not connect. */
    List<String> failures() {
        return List.copyOf(failures);
    }

    /** Ends them, after the last ones have connected. */
    void end() throws InterruptedException {
        ended = true;
        for (Thread thread : threads) {
            thread.join();
        }
    }
}
