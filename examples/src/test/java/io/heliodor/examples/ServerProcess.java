package io.heliodor.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.fixtures.Page;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.awaitility.Awaitility;

/** A server in a JVM of its own. */
final class ServerProcess implements AutoCloseable {
    private final Process process;
    private final Path log;
    private final int port;

    private ServerProcess(Process process, Path log, int port) {
        this.process = process;
        this.log = log;
        this.port = port;
    }

    /** Starts Java, which is to listen on the port. */
    static ServerProcess start(Path log, int port, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(arguments));
        return new ServerProcess(
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start(),
                log,
                port);
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** Connects as soon as it listens. */
    Page connect() {
        return await(() -> Page.open(port));
    }

    /** Connects with a token as soon as it listens. */
    Page connect(String token) {
        return await(() -> Page.signedIn(port, token));
    }

    private Page await(Supplier<Page> connect) {
        return Awaitility.await()
                .atMost(180, TimeUnit.SECONDS)
                .until(() -> tryToConnect(connect), Optional::isPresent)
                .orElseThrow();
    }

    private Optional<Page> tryToConnect(Supplier<Page> connect) throws IOException {
        assertThat(process.isAlive()).as(Files.readString(log)).isTrue();
        try {
            return Optional.of(connect.get());
        } catch (CompletionException e) {
            assertThat(e).hasCauseInstanceOf(ConnectException.class);
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().orTimeout(10, TimeUnit.SECONDS).join();
    }
}
