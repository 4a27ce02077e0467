package io.heliodor.client;

import java.lang.reflect.Method;
import java.net.http.HttpClient;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP client of all clients of this JVM that were not given one: the first that connects opens it, the last that closes ends it. One
 * for each client would have three threads each, which Java 17 ends after a garbage collection only.
 */
final class SharedHttpClient {
    /** Longer than a socket takes to close, so that its close frame is sent. */
    private static final long LINGER_SECONDS = 2;

    private static final long IDLE_SECONDS = 10;
    private static final SharedHttpClient INSTANCE = new SharedHttpClient();

    private int users;

    /** The number of uses so far: a newer one keeps the client that an older one would end. */
    private long uses;

    private @Nullable HttpClient http;
    private @Nullable ExecutorService executor;

    private SharedHttpClient() {}

    static HttpClient acquire() {
        return INSTANCE.open();
    }

    static void release() {
        INSTANCE.leave();
    }

    private synchronized HttpClient open() {
        users++;
        uses++;
        HttpClient open = http;
        if (open == null) {
            ExecutorService threads = new ThreadPoolExecutor(
                    0, Integer.MAX_VALUE, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                        Thread thread = new Thread(task, "heliodor-client-http");
                        thread.setDaemon(true);
                        return thread;
                    });
            open = HttpClient.newBuilder().executor(threads).build();
            executor = threads;
            http = open;
        }
        return open;
    }

    private synchronized void leave() {
        users--;
        long last = uses;
        CompletableFuture.delayedExecutor(LINGER_SECONDS, TimeUnit.SECONDS).execute(() -> end(last));
    }

    private synchronized void end(long last) {
        HttpClient ending = http;
        ExecutorService threads = executor;
        if (users > 0 || uses != last || ending == null || threads == null) {
            return;
        }
        http = null;
        executor = null;
        shutdown(ending);
        threads.shutdown();
    }

    /** Java 21 has {@code shutdownNow}. Before, the one thread of the client ends when it is collected. */
    private static void shutdown(HttpClient ending) {
        try {
            Method shutdown = HttpClient.class.getMethod("shutdownNow");
            shutdown.invoke(ending);
        } catch (ReflectiveOperationException e) {
            // It is not referred to any more.
        }
    }
}
