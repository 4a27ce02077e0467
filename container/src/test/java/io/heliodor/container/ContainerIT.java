package io.heliodor.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The image, unpacked. Its server runs as the image has it, without a container engine: in namespaces of its own, without
 * rights, and with a root that it cannot write to.
 */
class ContainerIT {
    private static final Path TARGET = Path.of("target").toAbsolutePath();
    private static final Path ROOT = TARGET.resolve("unpacked");
    private static final JsonMapper JSON = new JsonMapper();
    private static final boolean IS_ROOT = "root".equals(System.getProperty("user.name"));
    private static final String COOKIE = "k3vQ8xZr1LmN7pTy";

    /** Mounts what container engines mount, and replaces itself by the program of the image. */
    private static final String ENTER = """
            set -eu
            mount --make-rprivate /
            mount --bind "$1" "$1"
            mount -t proc proc "$1/proc"
            mount --rbind /dev "$1/dev"
            mount -t tmpfs -o mode=1777 tmpfs "$1/tmp"
            mount -o remount,bind,ro "$1"
            root=$1
            shift
            exec chroot --userspec=65532:65532 --groups= "$root" "$@"
            """;

    private static JsonNode config;

    @BeforeAll
    static void unpack() throws Exception {
        Path image = TARGET.resolve("image");
        delete(ROOT);
        delete(image);
        Files.createDirectories(image);
        Files.createDirectories(ROOT);
        untar(TARGET.resolve("jib-image.tar"), image);
        JsonNode manifest = JSON.readTree(image.resolve("manifest.json")).get(0);
        config = JSON.readTree(image.resolve(manifest.get("Config").asString()));
        for (JsonNode layer : manifest.get("Layers")) {
            untar(image.resolve(layer.asString()), ROOT);
        }
        for (String mounted : List.of("proc", "dev", "tmp")) {
            Files.createDirectories(ROOT.resolve(mounted));
        }
        Path cookie = Files.writeString(ROOT.resolve("cookie"), COOKIE);
        if (IS_ROOT) {
            Files.setAttribute(cookie, "unix:uid", 65_532);
        }
        Files.setPosixFilePermissions(cookie, PosixFilePermissions.fromString("r--------"));
    }

    @AfterAll
    static void remove() throws IOException {
        delete(ROOT);
    }

    private static void untar(Path file, Path folder) throws Exception {
        int status = new ProcessBuilder(
                        "tar",
                        "--warning=no-unknown-keyword",
                        "--no-same-owner",
                        "-xf",
                        file.toString(),
                        "-C",
                        folder.toString())
                .inheritIO()
                .start()
                .waitFor();
        assertThat(status).as("tar -xf " + file).isZero();
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, IOException failure) throws IOException {
                Files.delete(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private static List<String> texts(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(JsonNode::asString)
                .toList();
    }

    @Test
    void theImageHasAUserWithoutRightsAndNoProgramsExceptJava() throws Exception {
        assertThat(config.at("/config/User").asString()).isEqualTo("65532:65532");
        try (Stream<Path> files = Files.walk(ROOT)) {
            assertThat(files.filter(Files::isRegularFile)
                            .filter(Files::isExecutable)
                            .map(ROOT::relativize)
                            .map(Path::toString))
                    .allMatch(name -> name.matches("opt/java/bin/(java|keytool|jrunscript|rmiregistry)"
                            + "|opt/java/lib/jspawnhelper|lib.*/ld-linux-x86-64\\.so\\.2"));
        }
    }

    @Test
    void theFlagsAreThoseOfTheLauncher() throws Exception {
        String launcher = Files.readString(Path.of("..", "heliodor"));
        List<String> flags = Pattern.compile("(?:cache|server)_flags=\"(?:\\$cache_flags)?([^\"]*)\"")
                .matcher(launcher)
                .results()
                .flatMap(found -> Arrays.stream(found.group(1).trim().split("\\s+")))
                .toList();
        assertThat(flags).hasSizeGreaterThan(15);
        assertThat(texts(config.at("/config/Entrypoint"))).containsAll(flags);
    }

    @Test
    void theServerOfTheImageServesAndStops() throws Exception {
        assumeTrue(IS_ROOT || System.getenv("CI") != null, "mounts need root");
        Path log = TARGET.resolve("server.log");
        Process process = new ProcessBuilder(command())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            String address = line(log, process, "listening on (http://\\S+)");
            String management = line(log, process, "management on (http://\\S+)");
            try (HttpClient client = HttpClient.newHttpClient()) {
                assertThat(get(client, address + "/health")).isEqualTo("{\"status\":\"up\"}");
                assertThat(get(client, management + "/health")).contains("\"cluster\"");
                assertThat(get(client, management + "/metrics")).contains("heliodor_connections");
                assertThat(joined(client, address)).contains("\"ok\"");
            }
            // The first process of its namespace: a signal reaches it since it has a handler.
            ProcessHandle java = process.descendants()
                    .filter(each -> each.info().command().orElse("").endsWith("/java"))
                    .findFirst()
                    .orElseThrow();
            assertThat(Files.readString(Path.of("/proc", Long.toString(java.pid()), "status")))
                    .contains("Uid:\t65532\t65532", "CapEff:\t0000000000000000");
            assertThat(java.destroy()).isTrue();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(Files.readString(log)).isZero();
            assertThat(Files.readString(log)).doesNotContain("WARN", "ERROR");
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    /** The command of the image, with free ports. */
    private static List<String> command() {
        List<String> command = new ArrayList<>(List.of(
                "unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", ENTER, "enter", ROOT.toString()));
        List<String> entry = texts(config.at("/config/Entrypoint"));
        assertThat(texts(config.at("/config/Env"))).contains("PATH=/opt/java/bin");
        assertThat(entry).startsWith("java");
        command.add("/opt/java/bin/java");
        command.addAll(entry.subList(1, entry.size()));
        command.addAll(List.of(
                "serve",
                "--host=127.0.0.1",
                "--port=0",
                "--management=127.0.0.1:0",
                "--node=a@127.0.0.1:0",
                "--cookie-file=/cookie"));
        return command;
    }

    private static String line(Path log, Process process, String pattern) {
        return await("a line like " + pattern)
                .atMost(Duration.ofMinutes(1))
                .failFast("the server has ended, see " + log, () -> !process.isAlive())
                .until(
                        () -> Pattern.compile(pattern)
                                .matcher(Files.readString(log))
                                .results()
                                .toList(),
                        found -> !found.isEmpty())
                .getFirst()
                .group(1);
    }

    private static String get(HttpClient client, String uri) throws Exception {
        return client.send(HttpRequest.newBuilder(URI.create(uri)).build(), BodyHandlers.ofString())
                .body();
    }

    /** The reply to a join. */
    private static String joined(HttpClient client, String address) throws Exception {
        CompletableFuture<String> reply = new CompletableFuture<>();
        WebSocket socket = client.newWebSocketBuilder()
                .buildAsync(
                        URI.create(address.replaceFirst("http", "ws") + "/socket/websocket?vsn=2.0.0"),
                        new WebSocket.Listener() {
                            @Override
                            public CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
                                reply.complete(text.toString());
                                return WebSocket.Listener.super.onText(from, text, last);
                            }
                        })
                .get(1, TimeUnit.MINUTES);
        socket.sendText("[\"1\",\"1\",\"room:a\",\"phx_join\",{}]", true).get(1, TimeUnit.MINUTES);
        try {
            return reply.get(1, TimeUnit.MINUTES);
        } finally {
            socket.abort();
        }
    }
}
