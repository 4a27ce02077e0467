package io.heliodor.playground;

import io.heliodor.document.DocumentFullException;
import io.heliodor.document.DocumentStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/**
 * Documents in a folder that the nodes of one machine share: a folder for each document, with a file for each update, named by its
 * position. A lock on a file keeps the nodes apart. The system releases it when a node dies.
 */
final class FolderStore implements DocumentStore {
    private static final int MAX_DOCUMENTS = 100;
    private static final long MAX_BYTES = 4 << 20;
    private static final long BYTES_OF_A_FILE = 4 << 10;

    private final Path root;

    /** A JVM may lock a file once. */
    private final ReentrantLock inJvm = new ReentrantLock();

    /** Whether there was a root: if it is gone, such as with its disk, the documents are not empty but unavailable. */
    private volatile boolean hadRoot;

    FolderStore(Path root) {
        this.root = root;
        hadRoot = Files.isDirectory(root);
    }

    /** Deletes a folder of documents. */
    static void delete(Path root) {
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | UncheckedIOException e) {
            // It is in the folder of temporary files.
        }
    }

    /** A step on the updates of a document, under its lock. */
    private interface Step<T> {
        T apply(Path folder, NavigableMap<Long, Path> updates) throws IOException, DocumentFullException;
    }

    private <T> T locked(String document, Step<T> step) throws IOException, DocumentFullException {
        Path folder = root.resolve(nameOf(document));
        inJvm.lock();
        try {
            if (!Files.isDirectory(folder)) {
                create(folder);
            }
            try (FileChannel file = FileChannel.open(
                            folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    var _ = file.lock()) {
                return step.apply(folder, updates(folder));
            }
        } finally {
            inJvm.unlock();
        }
    }

    private void create(Path folder) throws IOException, DocumentFullException {
        checkRoot();
        Files.createDirectories(root);
        hadRoot = true;
        try (Stream<Path> documents = Files.list(root)) {
            if (documents.count() >= MAX_DOCUMENTS) {
                throw new DocumentFullException("There are " + MAX_DOCUMENTS + " documents, which is the maximum.");
            }
        }
        Files.createDirectories(folder);
    }

    private void checkRoot() throws NoSuchFileException {
        if (hadRoot && !Files.isDirectory(root)) {
            throw new NoSuchFileException(root.toString());
        }
    }

    /** A topic may have characters that a file name may not have. */
    private static String nameOf(String document) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(document.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // each JDK has it
        }
    }

    private static NavigableMap<Long, Path> updates(Path folder) throws IOException {
        NavigableMap<Long, Path> updates = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if (name.matches("\\d+")) {
                    updates.put(Long.parseLong(name), file);
                }
            }
        }
        return updates;
    }

    @Override
    public Stored read(String document, long after, int maxBytes) throws IOException, DocumentFullException {
        if (!Files.isDirectory(root.resolve(nameOf(document)))) {
            checkRoot();
            return new Stored(0, List.of()); // a reader makes no document
        }
        return locked(document, (_, files) -> {
            List<Update> updates = new ArrayList<>();
            long bytes = 0;
            for (var file : files.tailMap(after, false).entrySet()) {
                Update update = new Update(file.getKey(), Files.readAllBytes(file.getValue()));
                bytes += update.size();
                if (!updates.isEmpty() && bytes > maxBytes) {
                    break;
                }
                updates.add(update);
            }
            return new Stored(files.isEmpty() ? 0 : files.lastKey(), updates);
        });
    }

    @Override
    public long write(String document, byte[] update, long replaced) throws IOException, DocumentFullException {
        return locked(document, (folder, files) -> {
            if (replaced != 0) {
                return replace(folder, files, update, replaced);
            }
            long bytes = update.length;
            for (Path file : files.values()) {
                bytes += Math.max(Files.size(file), BYTES_OF_A_FILE);
            }
            if (bytes > MAX_BYTES) {
                throw new DocumentFullException("The document would have " + bytes + " bytes.");
            }
            long position =
                    files.isEmpty() ? ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now()) : files.lastKey() + 1;
            put(folder, position, update);
            return position;
        });
    }

    private static long replace(Path folder, NavigableMap<Long, Path> files, byte[] snapshot, long position)
            throws IOException {
        if (!files.containsKey(position)) {
            return 0;
        }
        put(folder, position, snapshot);
        // If the node dies meanwhile, the updates that are left are contained in the snapshot.
        for (Path file : files.headMap(position, false).values()) {
            Files.delete(file);
        }
        return position;
    }

    /** A node that dies leaves the file whole, or none. */
    private static void put(Path folder, long position, byte[] content) throws IOException {
        Path part = folder.resolve("part");
        Files.write(part, content);
        Files.move(
                part,
                folder.resolve(Long.toString(position)),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }
}
