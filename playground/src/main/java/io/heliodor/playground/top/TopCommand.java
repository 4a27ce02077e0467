package io.heliodor.playground.top;

import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code top}: the live metrics of a server, or the nodes of a cluster. */
@Command(
        name = "top",
        description = {
            "Shows live what a server does, from its /metrics, or what all nodes of a cluster do, from the dashboard of one."
        },
        mixinStandardHelpOptions = true)
public final class TopCommand implements Callable<Integer> {
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
            description = {
                "Address of the server (${DEFAULT-VALUE}), of its metrics, such as http://127.0.0.1:8080/actuator/prometheus,",
                "or of its dashboard, with its token or that of HELIODOR_DASHBOARD_TOKEN."
            })
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
        try (Readings<?> readings = readings()) {
            watch(readings);
            return 0;
        } catch (IOException e) {
            spec.commandLine().getErr().println(e.getMessage());
            return 1;
        }
    }

    /** Those of a dashboard if the path of the address is that of one, and otherwise those of the metrics at the address. */
    private Readings<?> readings() {
        try {
            URI address = URI.create(url);
            String path = Optional.ofNullable(address.getPath()).orElse("").replaceFirst("/+$", "");
            if (path.endsWith("/dashboard")) {
                checkInterval(1);
                return new DashboardReadings(
                        URI.create(url.replaceFirst("[?#].*$", "").replaceFirst("/+$", "")), token(address));
            }
            checkInterval(0.1);
            return new MetricsReadings(url, path.isEmpty() ? address.resolve("/metrics") : address);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(
                    spec.commandLine(),
                    "Invalid value for option '--url': '" + url + "' is not an address such as http://127.0.0.1:4000",
                    e);
        }
    }

    private void checkInterval(double least) {
        if (!(every >= least && every <= 3_600)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "Invalid value for option '--every': " + every + " is not " + (least < 1 ? "0.1" : "1")
                            + " to 3600");
        }
    }

    private String token(URI address) {
        return Optional.ofNullable(address.getQuery())
                .filter(query -> query.startsWith("token="))
                .map(query -> query.substring("token=".length()))
                .or(() -> Optional.ofNullable(System.getenv("HELIODOR_DASHBOARD_TOKEN")))
                .orElseThrow(
                        () -> new ParameterException(
                                spec.commandLine(),
                                "The address of a dashboard has no ?token=...; write it there, or into HELIODOR_DASHBOARD_TOKEN"));
    }

    private <R> void watch(Readings<R> readings) throws IOException, InterruptedException {
        boolean terminal = !once
                && Optional.ofNullable(System.console())
                        .filter(Console::isTerminal)
                        .isPresent();
        PrintWriter out = spec.commandLine().getOut();
        R before = readings.read();
        long beforeAt = System.nanoTime();
        if (terminal) {
            out.print(CLEAR);
        }
        do {
            Thread.sleep(Duration.ofMillis(Math.round(every * 1_000)));
            R now = readings.read();
            long nowAt = System.nanoTime();
            print(readings.picture(before, now, (nowAt - beforeAt) / 1e9), terminal, out);
            before = now;
            beforeAt = nowAt;
        } while (!once && !out.checkError());
    }

    private static void print(List<String> picture, boolean terminal, PrintWriter out) {
        if (terminal) {
            out.print(HOME);
        }
        picture.forEach(line -> out.println(terminal ? line + REST_OF_LINE : line));
        if (terminal) {
            out.print(REST_OF_SCREEN);
        }
        out.flush();
    }
}
