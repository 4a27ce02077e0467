package io.heliodor.examples.desk;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One of the two nodes, a process. It may start again. */
final class Node {
    static final String SECRET = "a secret of these tests, more than 32 bytes";
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final String name;
    private final int web;
    private final Path log;
    private final List<String> command;
    private Process process;

    Node(String name, int web, int sockets, int cluster, String seeds, Postgres postgres, Path folder) {
        this.name = name;
        this.web = web;
        this.log = folder.resolve(name + ".log");
        this.command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                DeskApplication.class.getName(),
                "--spring.profiles.active=demo,postgres",
                "--spring.datasource.url=" + postgres.url(),
                "--spring.datasource.username=" + postgres.user(),
                "--server.port=" + web,
                "--heliodor.port=" + sockets,
                "--heliodor.cluster.name=" + name + "@127.0.0.1",
                "--heliodor.cluster.bind=127.0.0.1:" + cluster,
                "--heliodor.cluster.seeds=" + seeds,
                "--heliodor.cluster.cookie=a-cookie-of-these-tests",
                "--desk.demo-secret=" + SECRET,
                "--desk.socket=/socket"));
    }

    /** Returns when it serves. */
    void start() throws IOException {
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        await().atMost(DEADLINE).until(this::isUp);
    }

    private boolean isUp() throws IOException, InterruptedException {
        if (!process.isAlive()) {
            throw new IllegalStateException(name + " has ended: " + Files.readString(log));
        }
        var health = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + web + "/actuator/health"))
                .build();
        try {
            return HTTP.send(health, BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    /** Ends it as a deployment does. */
    void stop() throws IOException, InterruptedException {
        process.destroy();
        if (!process.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)) {
            throw new IllegalStateException(name + " does not end: " + Files.readString(log));
        }
    }

    /** SIGKILL. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    void close() {
        if (process != null) {
            process.destroyForcibly();
        }
    }
}
