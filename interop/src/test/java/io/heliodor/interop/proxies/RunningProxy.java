package io.heliodor.interop.proxies;

import static org.awaitility.Awaitility.await;

import io.heliodor.fixtures.FreePort;
import io.heliodor.interop.hosts.Certificate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * A proxy that runs a recipe of the guide, with the ports, the certificate and the timeout of a test. Its files and its log stay
 * in {@code target/proxies}.
 */
final class RunningProxy implements AutoCloseable {
    /** Of the recipes. */
    static final String TIMEOUT = "75s";

    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final Path MODULE = Path.of("").toAbsolutePath();

    private final Recipe recipe;
    private final int port = FreePort.find();
    private final Path folder;
    private final Process process;
    private final Thread atExit;

    /** Starts one, and returns when it accepts connections. */
    RunningProxy(Recipe recipe, Site site, Certificate certificate, String timeout) throws IOException {
        this.recipe = recipe;
        // Within the module, so that vite is found.
        folder = Files.createTempDirectory(Files.createDirectories(MODULE.resolve("target/proxies")), "proxy");
        Path file = folder.resolve(recipe.source().getFileName());
        Files.writeString(file, configuration(site, certificate, timeout));
        ProcessBuilder builder = new ProcessBuilder(command(file))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log().toFile());
        builder.environment().putAll(Map.of("HOME", folder.toString(), "XDG_DATA_HOME", folder.toString()));
        process = builder.start();
        atExit = new Thread(process::destroy, "end-proxy");
        Runtime.getRuntime().addShutdownHook(atExit);
        try {
            await("the proxy accepts connections").atMost(DEADLINE).until(this::accepts);
        } catch (Throwable e) {
            e.addSuppressed(new IOException(recipe + " printed:\n" + Files.readString(log())));
            close();
            throw e;
        }
    }

    /** The recipe with other ports and files. */
    private String configuration(Site site, Certificate certificate, String timeout) throws IOException {
        String text = Files.readString(recipe.source());
        String listen = "127.0.0.1:" + port;
        Map<String, String> changes = new TreeMap<>(Map.of("127.0.0.1:8080", "127.0.0.1:" + site.webPort()));
        if (recipe == Recipe.VITE) {
            changes.put("127.0.0.1:4000", "127.0.0.1:" + site.port(0));
        } else {
            changes.put("10.0.0.11:4000", "127.0.0.1:" + site.port(0));
            changes.put("10.0.0.12:4000", "127.0.0.1:" + site.port(1));
        }
        switch (recipe) {
            case NGINX ->
                changes.putAll(Map.of(
                        "listen 443 ssl",
                        "listen " + listen + " ssl",
                        "/etc/ssl/app/fullchain.pem",
                        certificate.chain().toString(),
                        "/etc/ssl/app/privkey.pem",
                        certificate.key().toString(),
                        TIMEOUT,
                        timeout));
            case HAPROXY ->
                changes.putAll(Map.of(
                        "bind :443",
                        "bind " + listen,
                        "/etc/haproxy/app.pem",
                        certificate.both().toString(),
                        TIMEOUT,
                        timeout));
            case CADDY ->
                changes.put(
                        "app.example.com {",
                        "{\n\tadmin off\n\tauto_https off\n\tdefault_sni localhost\n}\nhttps://localhost:" + port
                                + " {\n\tbind 127.0.0.1\n\ttls " + certificate.chain() + " " + certificate.key());
            case VITE -> {}
        }
        for (Map.Entry<String, String> change : changes.entrySet()) {
            if (!text.contains(change.getKey())) {
                throw new IllegalStateException(recipe.source() + " does not contain " + change.getKey());
            }
            text = text.replace(change.getKey(), change.getValue());
        }
        return text;
    }

    private List<String> command(Path file) throws IOException {
        String program = recipe.program().orElseThrow().toString();
        return switch (recipe) {
            case NGINX ->
                List.of(
                        program,
                        "-p",
                        folder.toString(),
                        "-e",
                        "stderr",
                        "-c",
                        around(file).toString());
            case HAPROXY -> List.of(program, "-db", "-f", file.toString());
            case CADDY -> List.of(program, "run", "--config", file.toString(), "--adapter", "caddyfile");
            case VITE -> {
                Files.writeString(folder.resolve("index.html"), Site.PAGE);
                yield List.of(
                        program,
                        MODULE.resolve("node_modules/vite/bin/vite.js").toString(),
                        "--config",
                        file.toString(),
                        "--host",
                        "127.0.0.1",
                        "--port",
                        Integer.toString(port),
                        "--strictPort");
            }
        };
    }

    /** A main file of nginx that includes a recipe, as that of Debian does. */
    private Path around(Path file) throws IOException {
        String user = System.getProperty("user.name").equals("root") ? "user root;\n" : "";
        return Files.writeString(folder.resolve("main.conf"), user + """
                daemon off;
                pid pid;
                events {}
                http {
                    access_log off;
                    client_body_temp_path body;
                    proxy_temp_path proxy;
                    fastcgi_temp_path fastcgi;
                    uwsgi_temp_path uwsgi;
                    scgi_temp_path scgi;
                    include %s;
                }
                """.formatted(file));
    }

    private boolean accepts() throws IOException {
        if (!process.isAlive()) {
            throw new IOException(recipe + " ended with " + process.exitValue());
        }
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private Path log() {
        return folder.resolve("log");
    }

    /** The address of the page. */
    String url() {
        return (recipe == Recipe.VITE ? "http://127.0.0.1:" : "https://localhost:") + port;
    }

    /** The address of the socket, without the name of the transport. */
    String socket() {
        return url().replaceFirst("http", "ws") + "/socket";
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(atExit);
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
