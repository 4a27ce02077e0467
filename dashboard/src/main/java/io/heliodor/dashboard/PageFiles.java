package io.heliodor.dashboard;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.heliodor.endpoint.Endpoint;
import io.heliodor.endpoint.Request;
import io.heliodor.endpoint.Text;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/** The page, its scripts and its styles. Only the page itself needs the token; nothing in them differs between readers. */
final class PageFiles {
    private static final String FOLDER = "page/";
    private static final String HTML = "text/html; charset=utf-8";

    /** The files that are served under the path of the page. */
    private static final List<String> FILES = List.of(
            "actions.mjs",
            "app.mjs",
            "connection.mjs",
            "dom.mjs",
            "events.mjs",
            "gem.svg",
            "handlers.mjs",
            "overview.mjs",
            "rates.mjs",
            "replication.mjs",
            "schema.mjs",
            "slow.mjs",
            "text.mjs",
            "token.mjs",
            "topics.mjs",
            "trace.mjs",
            "trial.mjs",
            "try.mjs",
            "unauthorized.mjs",
            "users.mjs",
            "phoenix.mjs",
            "style.css");

    private static final Map<String, String> TYPES = Map.of(
            ".mjs", "text/javascript; charset=utf-8", ".css", "text/css; charset=utf-8", ".svg", "image/svg+xml");

    private static final Map<String, String> HEADERS = Map.of(
            "Cache-Control",
            "no-store",
            "Referrer-Policy",
            "no-referrer",
            "X-Frame-Options",
            "DENY",
            "Cross-Origin-Resource-Policy",
            "same-origin",
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self';"
                    + " frame-ancestors 'none'");

    private final AccessToken token;
    private final Consumer<String> refused;
    private final String page = read("index.html");
    private final String refusal = read("unauthorized.html");

    /**
     * The files.
     *
     * @param token the token of the page
     * @param refused gets the address of each client that has another token
     */
    PageFiles(AccessToken token, Consumer<String> refused) {
        this.token = token;
        this.refused = refused;
    }

    void addTo(Endpoint.Builder builder, String path) {
        builder.get(path, this::page);
        for (String name : FILES) {
            Text file = new Text(
                    200, Objects.requireNonNull(TYPES.get(name.substring(name.lastIndexOf('.')))), read(name), HEADERS);
            builder.get(path + "/" + name, _ -> file);
        }
    }

    private Text page(Request request) {
        if (token.matches(request.param("token"))) {
            return new Text(200, HTML, page, HEADERS);
        }
        if (request.param("token").isPresent()) { // a reload has none
            refused.accept(request.remoteAddress());
        }
        Map<String, String> headers = new HashMap<>(HEADERS);
        headers.put("WWW-Authenticate", "Bearer");
        return new Text(401, HTML, refusal, headers);
    }

    private static String read(String name) {
        try (InputStream in = PageFiles.class.getResourceAsStream(FOLDER + name)) {
            if (in == null) {
                throw new IllegalStateException(
                        "The jar of heliodor-dashboard lacks " + FOLDER + name + "; include its resources.");
            }
            return new String(in.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
