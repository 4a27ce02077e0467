package io.heliodor.transport.http;

import io.heliodor.log.BoundedLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of a folder. Links that lead out of the folder, and names that begin with a dot, are not served.
 *
 * @param prefix the path under which they are served, ending with a slash
 * @param folder the folder
 * @param reads bounds the reads of files
 * @param tags the entity tags of its files
 * @param log the log of files that cannot be served, which clients cannot fill
 */
public record StaticFiles(String prefix, Path folder, FileReads reads, FileTags tags, BoundedLog log) {
    static final Logger LOG = LoggerFactory.getLogger("io.heliodor.transport");

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
     * The files of a folder.
     *
     * @param prefix the path under which they are served, ending with a slash
     * @param folder the folder
     * @param reads bounds the reads of files
     */
    public StaticFiles(String prefix, Path folder, FileReads reads) {
        this(
                prefix,
                folder,
                reads,
                new FileTags(reads, InstantSource.system()),
                new BoundedLog(LOG, "files", System::nanoTime));
    }

    /**
     * A file to serve.
     *
     * @param path its path
     * @param version its version
     * @param type its media type
     * @param tag the entity tag of its content; empty if it has just changed
     */
    record Found(Path path, FileVersion version, String type, Optional<String> tag) {}

    /**
     * Finds a file. It reads a file whose tag is not known yet, so it must not run on an event loop.
     *
     * @param path the decoded path of the request
     * @return the file; for a path that ends with a slash, {@code index.html} of that folder
     * @throws FileReads.ChangedException if it changes while it is read
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
        // A link within the folder may lead out of it.
        if (!Files.isRegularFile(file) || !file.toRealPath().startsWith(folder.toRealPath())) {
            return Optional.empty();
        }
        int dot = name.lastIndexOf('.');
        String ending = dot < 0 ? "" : name.substring(dot + 1).toLowerCase(Locale.ROOT);
        String type = TYPES.getOrDefault(ending, "application/octet-stream");
        FileVersion version = FileVersion.of(file);
        return Optional.of(new Found(file, version, type, tags.of(file, version)));
    }
}
