package io.heliodor.playground.top;

import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code top}: the live metrics of a server. */
@Command(
        name = "top",
        description = "Shows live what a server does, from its /metrics.",
        mixinStandardHelpOptions = true)
public final class TopCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final long MAX_BYTES = 16 << 20;

    /** ANSI sequences: cursor to the upper left corner; erase to the end of the line; erase to the end of the screen. */
    private static final String HOME = "\033[H";

    private static final String REST_OF_LINE = "\033[K";
    private static final String REST_OF_SCREEN = "\033[J";
    private static final String CLEAR = HOME + REST_OF_SCREEN;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Option(
            names = "--url",
            defaultValue = "http://127.0.0.1:4000",
            description = "Address of the server (${DEFAULT-VALUE}).")
    private String url = "http://127.0.0.1:4000";

    @Option(names = "--once", description = "Print one picture, after one interval, and end.")
    private boolean once;

    @Option(
            names = "--every",
            paramLabel = "SECONDS",
            defaultValue = "1",
            description = "Interval, 0.1 to 3600 s (${DEFAULT-VALUE}).")
    private double every = 1;

    /** Created by picocli. */
    public TopCommand() {}

    @Override
    public Integer call() throws InterruptedException {
        HttpRequest request = request();
        try (HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(PATIENCE)
                .build()) {
            watch(client, request);
            return 0;
        } catch (IOException e) {
            spec.commandLine().getErr().println(problem(e));
            return 1;
        }
    }

    private HttpRequest request() {
        if (!(every >= 0.1 && every <= 3_600)) {
            throw new ParameterException(
                    spec.commandLine(), "Invalid value for option '--every': " + every + " is not 0.1 to 3600");
        }
        try {
            return HttpRequest.newBuilder(URI.create(url.replaceFirst("/+$", "") + "/metrics"))
                    .timeout(PATIENCE)
                    .build();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(
                    spec.commandLine(),
                    "Invalid value for option '--url': '" + url + "' is not an address such as http://127.0.0.1:4000",
                    e);
        }
    }

    private void watch(HttpClient client, HttpRequest request) throws IOException, InterruptedException {
        boolean terminal = !once
                && Optional.ofNullable(System.console())
                        .filter(Console::isTerminal)
                        .isPresent();
        PrintWriter out = spec.commandLine().getOut();
        Scrape before = scrape(client, request);
        long beforeAt = System.nanoTime();
        if (terminal) {
            out.print(CLEAR);
        }
        do {
            Thread.sleep(Duration.ofMillis(Math.round(every * 1_000)));
            Scrape now = scrape(client, request);
            long nowAt = System.nanoTime();
            print(new Dashboard(url, before, now, (nowAt - beforeAt) / 1e9), terminal, out);
            before = now;
            beforeAt = nowAt;
        } while (!once && !out.checkError());
    }

    private static void print(Dashboard picture, boolean terminal, PrintWriter out) {
        if (terminal) {
            out.print(HOME);
        }
        picture.lines().forEach(line -> out.println(terminal ? line + REST_OF_LINE : line));
        if (terminal) {
            out.print(REST_OF_SCREEN);
        }
        out.flush();
    }

    private Scrape scrape(HttpClient client, HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<String> response = client.send(request, BodyHandlers.limiting(BodyHandlers.ofString(), MAX_BYTES));
        Scrape scrape = Scrape.parse(response.body());
        if (response.statusCode() != 200 || !scrape.has("heliodor_connections")) {
            throw new IOException("it answers " + response.statusCode() + " without metrics of Heliodor");
        }
        return scrape;
    }

    private String problem(IOException failure) {
        if (failure instanceof ConnectException) {
            return "no server answers at " + url;
        }
        String message = failure.getMessage();
        return "no metrics from " + url + ": "
                + (message == null ? failure.getClass().getSimpleName() : message);
    }
}
