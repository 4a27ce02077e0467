package io.heliodor.transport.http;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The attributes of a file that change with its content.
 *
 * @param size its size in bytes
 * @param modified the time of its last modification, which programs may set
 * @param changed the time of the last change of the file or its attributes; its modification if the system has none
 * @param key the identity of the file, if the system has one
 */
record FileVersion(
        long size,
        FileTime modified,
        FileTime changed,
        @Nullable Object key) {
    /** The precision of times in file systems, with a margin. */
    private static final Duration PRECISION = Duration.ofSeconds(2);

    static FileVersion of(Path file) throws IOException {
        boolean unix = file.getFileSystem().supportedFileAttributeViews().contains("unix");
        Map<String, Object> read =
                Files.readAttributes(file, unix ? "unix:size,lastModifiedTime,ctime,fileKey" : "basic:*");
        FileTime modified = (FileTime) Objects.requireNonNull(read.get("lastModifiedTime"));
        return new FileVersion(
                (Long) Objects.requireNonNull(read.get("size")),
                modified,
                (FileTime) read.getOrDefault("ctime", modified),
                read.get("fileKey"));
    }

    /** Whether a change after a time has other attributes than these: a file may change twice at one time of its system. */
    boolean isSettledAt(Instant time) {
        return changed.toInstant().isBefore(time.minus(PRECISION));
    }
}
