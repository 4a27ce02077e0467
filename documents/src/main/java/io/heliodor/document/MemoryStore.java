package io.heliodor.document;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/** Logs in memory. */
final class MemoryStore implements DocumentStore {
    private final int maxBytes;
    private final LongSupplier firstPosition;
    private final Map<String, Log> logs = new ConcurrentHashMap<>();

    /** The log of one document, which its own lock guards. */
    private static final class Log {
        private final TreeMap<Long, byte[]> updates = new TreeMap<>();
        private long bytes;
    }

    MemoryStore(int maxBytes, LongSupplier firstPosition) {
        this.maxBytes = maxBytes;
        this.firstPosition = firstPosition;
    }

    static long micros() {
        return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    }

    @Override
    public Stored read(String document, long after, int maxBytes) {
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
                if (!updates.isEmpty() && bytes > maxBytes) {
                    break;
                }
                updates.add(new Update(entry.getKey(), entry.getValue()));
            }
            return new Stored(log.updates.isEmpty() ? 0 : log.updates.lastKey(), updates);
        }
    }

    @Override
    public long write(String document, byte[] update, long replaced) throws DocumentFullException {
        Log log = logs.computeIfAbsent(document, _ -> new Log());
        synchronized (log) {
            return replaced == 0 ? add(log, update) : replace(log, update, replaced);
        }
    }

    private long add(Log log, byte[] update) throws DocumentFullException {
        if (log.bytes + update.length > maxBytes) {
            throw new DocumentFullException("The document has " + log.bytes + " bytes, and may have " + maxBytes + ".");
        }
        long position = log.updates.isEmpty() ? firstPosition.getAsLong() : log.updates.lastKey() + 1;
        log.updates.put(position, update);
        log.bytes += update.length;
        return position;
    }

    private static long replace(Log log, byte[] snapshot, long position) {
        if (!log.updates.containsKey(position)) {
            return 0;
        }
        Map<Long, byte[]> contained = log.updates.headMap(position, true);
        for (byte[] update : contained.values()) {
            log.bytes -= update.length;
        }
        contained.clear();
        log.updates.put(position, snapshot);
        log.bytes += snapshot.length;
        return position;
    }
}
