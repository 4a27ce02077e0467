package io.heliodor.playground.top;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;

/** The metrics of one server, in the text format of Prometheus. */
final class MetricsReadings implements Readings<Scrape> {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final long MAX_BYTES = 16 << 20;

    private final String url;
    private final HttpRequest request;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .build();

    /** @throws IllegalArgumentException if it is not an address of HTTP */
    MetricsReadings(String url, URI metrics) {
        this.url = url;
        this.request = HttpRequest.newBuilder(metrics).timeout(PATIENCE).build();
    }

    @Override
    public Scrape read() throws IOException, InterruptedException {
        try {
            HttpResponse<String> response =
                    client.send(request, BodyHandlers.limiting(BodyHandlers.ofString(), MAX_BYTES));
            Scrape scrape = Scrape.parse(response.body());
            if (response.statusCode() != 200 || !scrape.has("heliodor_connections")) {
                throw new IOException("it answers " + response.statusCode() + " without metrics of Heliodor");
            }
            return scrape;
        } catch (ConnectException e) {
            throw new IOException("no server answers at " + url, e);
        } catch (IOException e) {
            String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            throw new IOException("no metrics from " + url + ": " + message, e);
        }
    }

    @Override
    public List<String> picture(Scrape before, Scrape now, double seconds) {
        return new MetricsPicture(url, before, now, seconds).lines();
    }

    @Override
    public void close() {
        client.close();
    }
}
