package io.heliodor.transport;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The files of a folder. Nothing outside of it, and nothing whose name begins with a dot.
 *
 * @param prefix the path under which they are served, ending with a slash
 * @param folder where they are
 */
public record StaticFiles(String prefix, Path folder) {
    private static final Map<String, String> TYPES = Map.ofEntries(
            Map.entry("html", "text/html; charset=utf-8"),
            Map.entry("css", "text/css; charset=utf-8"),
            Map.entry("js", "text/javascript; charset=utf-8"),
            Map.entry("mjs", "text/javascript; charset=utf-8"),
            Map.entry("json", "application/json; charset=utf-8"),
            Map.entry("map", "application/json; charset=utf-8"),
            Map.entry("svg", "image/svg+xml"),
            Map.entry("png", "image/png"),
            Map.entry("jpg", "image/jpeg"),
            Map.entry("ico", "image/x-icon"),
            Map.entry("webp", "image/webp"),
            Map.entry("woff2", "font/woff2"),
            Map.entry("wasm", "application/wasm"),
            Map.entry("txt", "text/plain; charset=utf-8"),
            Map.entry("webmanifest", "application/manifest+json"));

    /**
     * One file.
     *
     * @param bytes what it holds
     * @param type its media type
     */
    @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
    record Content(byte[] bytes, String type) {}

    /**
     * Finds a file. It reads from the disk: not on an event loop.
     *
     * @param path the path of the request, decoded
     * @return the file; a folder's {@code index.html} where the path ends with a slash
     * @throws IOException if it cannot be read
     */
    Optional<Content> find(String path) throws IOException {
        String rest = path.substring(prefix.length());
        String name = rest.isEmpty() || rest.endsWith("/") ? rest + "index.html" : rest;
        for (String part : name.split("/", -1)) {
            if (part.isEmpty() || part.startsWith(".") || part.indexOf('\0') >= 0 || part.indexOf('\\') >= 0) {
                return Optional.empty();
            }
        }
        Path file;
        try {
            file = folder.resolve(name);
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        String ending = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        return Optional.of(
                new Content(Files.readAllBytes(file), TYPES.getOrDefault(ending, "application/octet-stream")));
    }
}
