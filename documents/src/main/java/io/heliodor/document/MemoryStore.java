package io.heliodor.document;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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

    /** The log of one document, which its own lock guards. */
    private static final class Log {
        private final TreeMap<Long, byte[]> updates = new TreeMap<>();
        private long bytes;
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
        if (log == null) {
            return new Stored(0, List.of());
        }
        synchronized (log) {
            List<Update> updates = new ArrayList<>();
            long bytes = 0;
            for (Map.Entry<Long, byte[]> entry :
                    log.updates.tailMap(after, false).entrySet()) {
                bytes += entry.getValue().length;
                if (!updates.isEmpty() && bytes > maxPart) {
                    break;
                }
                updates.add(new Update(entry.getKey(), entry.getValue()));
            }
            return new Stored(log.updates.isEmpty() ? 0 : log.updates.lastKey(), updates);
        }
    }

    @Override
    public long write(String document, byte[] update, long replaced) throws DocumentFullException {
        Log log = logs.get(document);
        if (replaced != 0) {
            if (log == null) {
                return 0;
            }
            synchronized (log) {
                return replace(log, update, replaced);
            }
        }
        if (log == null) {
            log = open(document);
        }
        synchronized (log) {
            return add(log, update);
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

    private long add(Log log, byte[] update) throws DocumentFullException {
        change(log, update.length + BYTES_OF_AN_UPDATE);
        long position = log.updates.isEmpty() ? firstPosition.getAsLong() : log.updates.lastKey() + 1;
        log.updates.put(position, update);
        return position;
    }

    private long replace(Log log, byte[] snapshot, long position) throws DocumentFullException {
        if (!log.updates.containsKey(position)) {
            return 0;
        }
        Map<Long, byte[]> contained = log.updates.headMap(position, true);
        long released = 0;
        for (byte[] update : contained.values()) {
            released += update.length + BYTES_OF_AN_UPDATE;
        }
        change(log, snapshot.length + BYTES_OF_AN_UPDATE - released);
        contained.clear();
        log.updates.put(position, snapshot);
        return position;
    }

    /** Counts bytes that a log takes, or gives back. */
    private void change(Log log, long bytes) throws DocumentFullException {
        if (bytes > 0 && log.bytes + bytes > maxBytes) {
            throw new DocumentFullException("The document has " + log.bytes + " bytes, and may have " + maxBytes + ".");
        }
        take(bytes);
        log.bytes += bytes;
    }

    private void take(long bytes) throws DocumentFullException {
        if (bytesInAll.addAndGet(bytes) > maxBytesInAll && bytes > 0) {
            bytesInAll.addAndGet(-bytes);
            throw new DocumentFullException("All documents together may have " + maxBytesInAll + " bytes.");
        }
    }
}
