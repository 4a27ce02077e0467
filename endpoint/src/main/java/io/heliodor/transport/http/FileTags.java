package io.heliodor.transport.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;

/**
 * The entity tags of files, from their content: a reproducible build gives all files the same time, and each server of
 * a cluster has the same tags. A file is read once for each of its versions. Any thread that may block.
 *
 * <p>A file that has just changed has no tag: its next change may leave its attributes as they are, and a file that changes
 * all the time would be read for each request.
 */
final class FileTags {
    private static final int MAX_TAGS = 4_096;
    private static final int PIECE = 64 << 10;

    private final FileReads reads;
    private final InstantSource clock;

    /** The tags that were used last. */
    private final Map<Path, Tag> known = Collections.synchronizedMap(new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Path, Tag> eldest) {
            return size() > MAX_TAGS;
        }
    });

    /** Concurrent requests read a file once. */
    private final ReentrantLock[] locks =
            IntStream.range(0, 16).mapToObj(_ -> new ReentrantLock()).toArray(ReentrantLock[]::new);

    private record Tag(FileVersion version, String text) {}

    FileTags(FileReads reads, InstantSource clock) {
        this.reads = reads;
        this.clock = clock;
    }

    /**
     * The tag of a version of a file; empty if it has just changed.
     *
     * @throws FileReads.ChangedException if the file has another version now
     */
    Optional<String> of(Path file, FileVersion version) throws IOException {
        return version.isSettledAt(clock.instant()) ? Optional.of(ofSettled(file, version)) : Optional.empty();
    }

    /** The tag of a content with a size and a checksum. */
    static String text(long size, CRC32C sum) {
        return "\"" + Long.toHexString(size) + "-" + Long.toHexString(sum.getValue()) + "\"";
    }

    /** Whether the client that sent a request has the content of a tag in its cache. */
    static boolean isCached(HttpHeaders request, Optional<String> tag) {
        List<String> tags = request.getAll(HttpHeaderNames.IF_NONE_MATCH);
        return tags.stream().anyMatch(each -> tag.filter(each::contains).isPresent() || each.equals("*"));
    }

    private String ofSettled(Path file, FileVersion version) throws IOException {
        Tag tag = known.get(file);
        if (tag != null && tag.version.equals(version)) {
            return tag.text;
        }
        ReentrantLock lock = locks[Math.floorMod(file.hashCode(), locks.length)];
        lock.lock();
        try {
            tag = known.get(file);
            if (tag != null && tag.version.equals(version)) {
                return tag.text;
            }
            String text = read(file, version);
            known.put(file, new Tag(version, text));
            return text;
        } finally {
            lock.unlock();
        }
    }

    private String read(Path file, FileVersion version) throws IOException {
        CRC32C sum = new CRC32C();
        long size = 0;
        try (FileReads.Pieces pieces = reads.open(file, version)) {
            for (byte[] piece = pieces.next(PIECE); piece.length > 0; piece = pieces.next(PIECE)) {
                sum.update(piece);
                size += piece.length;
            }
        }
        return text(size, sum);
    }
}
