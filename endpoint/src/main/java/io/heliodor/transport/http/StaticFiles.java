package io.heliodor.transport.http;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The files of a folder. Nothing outside of it, also not by a link, and nothing whose name begins with a dot.
 *
 * @param prefix the path under which they are served, ending with a slash
 * @param folder where they are
 */
public record StaticFiles(String prefix, Path folder) {
    private static final int PIECE = 16 << 10;

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
     * @param path where it is
     * @param size how many bytes it has
     * @param type its media type
     * @param tag says what it holds, as an entity tag
     */
    record Found(Path path, long size, String type, String tag) {}

    /**
     * Finds a file. It reads from the disk: not on an event loop.
     *
     * @param path the path of the request, decoded
     * @return the file; a folder's {@code index.html} where the path ends with a slash
     * @throws IOException if it cannot be read
     */
    Optional<Found> find(String path) throws IOException {
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
        // A link within the folder may lead anywhere.
        if (!Files.isRegularFile(file) || !file.toRealPath().startsWith(folder.toRealPath())) {
            return Optional.empty();
        }
        int dot = name.lastIndexOf('.');
        String ending = dot < 0 ? "" : name.substring(dot + 1).toLowerCase(Locale.ROOT);
        String type = TYPES.getOrDefault(ending, "application/octet-stream");
        return Optional.of(found(file, type));
    }

    /** Times of files are no help for the tag: a reproducible build gives all its files the same one. */
    private static Found found(Path file, String type) throws IOException {
        CRC32C sum = new CRC32C();
        long size = 0;
        try (InputStream in = Files.newInputStream(file)) {
            byte[] piece = new byte[PIECE];
            for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
                sum.update(piece, 0, count);
                size += count;
            }
        }
        return new Found(
                file, size, type, "\"" + Long.toHexString(size) + "-" + Long.toHexString(sum.getValue()) + "\"");
    }
}
