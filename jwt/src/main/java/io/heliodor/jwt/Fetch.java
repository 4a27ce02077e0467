package io.heliodor.jwt;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Reads small documents by HTTP, within a time and a size, without redirects. */
final class Fetch {
    private final HttpClient client;
    private final Duration timeout;
    private final int maxBytes;

    /**
     * Of any number of requests.
     *
     * @param timeout of a request, from its connection to the last byte of the answer
     * @param maxBytes of an answer
     */
    Fetch(Duration timeout, int maxBytes) {
        this.client = HttpClient.newBuilder().connectTimeout(timeout).build();
        this.timeout = timeout;
        this.maxBytes = maxBytes;
    }

    /** The document at an address. Blocks until the timeout at most. */
    String get(URI address) throws IOException {
        HttpRequest request = HttpRequest.newBuilder(address)
                .header("Accept", "application/json")
                .build();
        CompletableFuture<HttpResponse<byte[]>> answer =
                client.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), maxBytes));
        HttpResponse<byte[]> response = await(address, answer);
        if (response.statusCode() != 200) {
            throw new IOException(address + " answered with status " + response.statusCode() + ".");
        }
        return new String(response.body(), StandardCharsets.UTF_8);
    }

    private HttpResponse<byte[]> await(URI address, CompletableFuture<HttpResponse<byte[]>> answer) throws IOException {
        try {
            return answer.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new IOException(address + " has not answered within " + timeout.toMillis() + " ms.", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(address + " has not answered before an interrupt.", e);
        } catch (ExecutionException e) {
            throw new IOException(address + " cannot be read, in at most " + maxBytes + " bytes: " + e.getCause(), e);
        } finally {
            answer.cancel(true);
        }
    }
}
