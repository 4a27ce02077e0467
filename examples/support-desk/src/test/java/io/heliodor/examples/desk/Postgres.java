package io.heliodor.examples.desk;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.springframework.util.FileSystemUtils;

/** A PostgreSQL of Debian's package, in a temporary folder. It refuses to run as root, so that the user of the package runs it. */
final class Postgres implements AutoCloseable {
    static final String MISSING = "PostgreSQL is not installed; on Debian: apt-get install postgresql";
    private static final Path VERSIONS = Path.of("/usr/lib/postgresql");
    private static final String USER = "postgres";

    private final Path folder;
    private final int port;
    private final Process server;

    private Postgres(Path folder, int port, Process server) {
        this.folder = folder;
        this.port = port;
        this.server = server;
    }

    /** Whether its tests run. In CI they run in each case, so that a missing package is a failure. */
    static boolean isExpected() {
        return System.getenv("CI") != null || programs().isPresent();
    }

    private static Optional<Path> programs() {
        if (!Files.isDirectory(VERSIONS)) {
            return Optional.empty();
        }
        try (Stream<Path> versions = Files.list(VERSIONS)) {
            return versions.map(version -> version.resolve("bin"))
                    .filter(bin -> Files.isExecutable(bin.resolve("initdb")))
                    .findAny();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Postgres start() throws IOException, InterruptedException {
        Path programs = programs().orElseThrow(() -> new IllegalStateException(MISSING));
        Path folder = Files.createTempDirectory("desk-postgres");
        if (isRoot()) {
            Files.setOwner(
                    folder,
                    folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(USER));
        }
        Path cluster = folder.resolve("cluster");
        Path log = folder.resolve("log");
        Process made = run(
                folder,
                programs.resolve("initdb").toString(),
                "--no-sync",
                "--auth=trust",
                "--username=" + USER,
                "--pgdata=" + cluster);
        if (made.waitFor() != 0) {
            throw new IllegalStateException(Files.readString(log));
        }
        int port = freePort();
        Process server = run(
                folder,
                programs.resolve("postgres").toString(),
                "-D",
                cluster.toString(),
                "-F",
                "-h",
                "127.0.0.1",
                "-p",
                String.valueOf(port),
                "-k",
                folder.toString());
        Postgres started = new Postgres(folder, port, server);
        await().atMost(Duration.ofSeconds(30)).until(started::accepts);
        return started;
    }

    static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            return free.getLocalPort();
        }
    }

    private static boolean isRoot() {
        return System.getProperty("user.name").equals("root");
    }

    private static Process run(Path folder, String... command) throws IOException {
        List<String> words = new ArrayList<>();
        if (isRoot()) {
            words.addAll(List.of("setpriv", "--reuid=" + USER, "--regid=" + USER, "--clear-groups"));
        }
        words.addAll(Arrays.asList(command));
        return new ProcessBuilder(words)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()))
                .start();
    }

    private boolean accepts() throws IOException {
        if (!server.isAlive()) {
            throw new IllegalStateException(Files.readString(folder.resolve("log")));
        }
        try (var _ = DriverManager.getConnection(url(), USER, "")) {
            return true;
        } catch (SQLException e) {
            return false;
        }
    }

    String url() {
        return "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
    }

    String user() {
        return USER;
    }

    @Override
    public void close() throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-INT", String.valueOf(server.pid())).start().waitFor(); // a fast shutdown
        server.waitFor();
        FileSystemUtils.deleteRecursively(folder);
    }
}
