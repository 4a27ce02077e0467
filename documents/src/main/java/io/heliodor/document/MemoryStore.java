package io.heliodor.document;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** Logs in memory. An update counts with the memory around it, so that many small ones have a limit, too. */
final class MemoryStore implements DocumentStore {
    /** Of an update: the entry of a tree, a position, the header of an array. */
    static final int BYTES_OF_AN_UPDATE = 128;

    /** Of a document: its log, its name, and the entry of a map. */
    static final int BYTES_OF_A_DOCUMENT = 1_024;

    private final int maxBytes;
    private final long maxBytesInAll;
    private final LongSupplier firstPosition;
    private final Map<String, Log> logs = new ConcurrentHashMap<>();
    private final AtomicLong bytesInAll = new AtomicLong();

    /** The log of one document. */
    private final class Log {
        @GuardedBy("this")
        private final TreeMap<Long, byte[]> updates = new TreeMap<>();

        @GuardedBy("this")
        private long bytes;

        /** Whether it is not in the map any more. */
        @GuardedBy("this")
        private boolean isClosed;

        synchronized Stored read(long after, int maxPart) {
            List<Update> read = new ArrayList<>();
            long size = 0;
            for (Map.Entry<Long, byte[]> entry : updates.tailMap(after, false).entrySet()) {
                size += entry.getValue().length;
                if (!read.isEmpty() && size > maxPart) {
                    break;
                }
                read.add(new Update(entry.getKey(), entry.getValue()));
            }
            return new Stored(updates.isEmpty() ? 0 : updates.lastKey(), read);
        }

        /** Adds an update, or replaces those until a position by a snapshot. Empty if it is not in the map any more. */
        synchronized OptionalLong write(String document, byte[] update, long replaced) throws DocumentFullException {
            if (isClosed) {
                return OptionalLong.empty();
            }
            return OptionalLong.of(replaced == 0 ? add(document, update) : replace(update, replaced));
        }

        @GuardedBy("this")
        private long add(String document, byte[] update) throws DocumentFullException {
            try {
                change(update.length + BYTES_OF_AN_UPDATE);
            } catch (DocumentFullException e) {
                if (updates.isEmpty()) {
                    isClosed = true; // for a write that has found it meanwhile
                    logs.remove(document);
                    bytesInAll.addAndGet(-BYTES_OF_A_DOCUMENT);
                }
                throw e;
            }
            long position = updates.isEmpty() ? firstPosition.getAsLong() : updates.lastKey() + 1;
            updates.put(position, update);
            return position;
        }

        @GuardedBy("this")
        private long replace(byte[] snapshot, long position) throws DocumentFullException {
            if (!updates.containsKey(position)) {
                return 0;
            }
            Map<Long, byte[]> contained = updates.headMap(position, true);
            long released = 0;
            for (byte[] update : contained.values()) {
                released += update.length + BYTES_OF_AN_UPDATE;
            }
            change(snapshot.length + BYTES_OF_AN_UPDATE - released);
            contained.clear();
            updates.put(position, snapshot);
            return position;
        }

        /** Counts bytes that it takes, or gives back. */
        @GuardedBy("this")
        private void change(long more) throws DocumentFullException {
            if (more > 0 && bytes + more > maxBytes) {
                throw new DocumentFullException("The document has " + bytes + " bytes, and may have " + maxBytes + ".");
            }
            take(more);
            bytes += more;
        }
    }

    MemoryStore(int maxBytes, long maxBytesInAll, LongSupplier firstPosition) {
        this.maxBytes = maxBytes;
        this.maxBytesInAll = maxBytesInAll;
        this.firstPosition = firstPosition;
    }

    static long micros() {
        return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    }

    @Override
    public Stored read(String document, long after, int maxPart) {
        Log log = logs.get(document);
        return log == null ? new Stored(0, List.of()) : log.read(after, maxPart);
    }

    @Override
    public long write(String document, byte[] update, long replaced) throws DocumentFullException {
        while (true) {
            Log log = logs.get(document);
            if (log == null) {
                if (replaced != 0) {
                    return 0;
                }
                log = open(document);
            }
            OptionalLong position = log.write(document, update, replaced);
            if (position.isPresent()) {
                return position.getAsLong();
            }
        }
    }

    private Log open(String document) throws DocumentFullException {
        take(BYTES_OF_A_DOCUMENT);
        Log created = new Log();
        Log known = logs.putIfAbsent(document, created);
        if (known != null) {
            bytesInAll.addAndGet(-BYTES_OF_A_DOCUMENT);
            return known;
        }
        return created;
    }

    private void take(long bytes) throws DocumentFullException {
        if (bytesInAll.addAndGet(bytes) > maxBytesInAll && bytes > 0) {
            bytesInAll.addAndGet(-bytes);
            throw new DocumentFullException("All documents together may have " + maxBytesInAll + " bytes.");
        }
    }
}
