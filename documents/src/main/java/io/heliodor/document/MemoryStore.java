package io.heliodor.document;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongSupplier;

/**
 * Logs in memory. An update counts with the memory around it, so that many small ones have a limit, too. When all documents together have
 * reached theirs, the one that holds most makes room: a write of any other one drops it, and its own writes are refused.
 */
final class MemoryStore implements DocumentStore {
    /** Of an update: the entry of a tree, a position, the header of an array. */
    static final int BYTES_OF_AN_UPDATE = 128;

    /** Of a document: its log, its name, and the entries of a map and a set. */
    static final int BYTES_OF_A_DOCUMENT = 1_024;

    private final int maxBytes;
    private final long maxBytesInAll;
    private final LongSupplier firstPosition;

    @GuardedBy("this")
    private final Map<String, Log> logs = new HashMap<>();

    @GuardedBy("this")
    private final TreeSet<Log> bySize =
            new TreeSet<>(Comparator.<Log>comparingLong(log -> log.bytes).thenComparing(log -> log.document));

    @GuardedBy("this")
    private long bytesInAll;

    @GuardedBy("this")
    private long dropped;

    /** The log of one document. */
    private static final class Log {
        private final String document;
        private final TreeMap<Long, byte[]> updates = new TreeMap<>();
        private long bytes; // of the updates

        private Log(String document) {
            this.document = document;
        }

        private long bytesUpTo(long position) {
            return updates.headMap(position, true).values().stream()
                    .mapToLong(update -> update.length + BYTES_OF_AN_UPDATE)
                    .sum();
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
    public synchronized Stored read(String document, long after, int maxPart) {
        Log log = logs.get(document);
        if (log == null) {
            return new Stored(0, List.of());
        }
        List<Update> read = new ArrayList<>();
        long size = 0;
        for (Map.Entry<Long, byte[]> entry : log.updates.tailMap(after, false).entrySet()) {
            Update update = new Update(entry.getKey(), entry.getValue());
            size += update.size();
            if (!read.isEmpty() && size > maxPart) {
                break;
            }
            read.add(update);
        }
        return new Stored(log.updates.lastKey(), read);
    }

    @Override
    public synchronized long write(String document, byte[] update, long replaced) throws DocumentFullException {
        Log known = logs.get(document);
        if (replaced != 0 && (known == null || !known.updates.containsKey(replaced))) {
            return 0;
        }
        Log log = known == null ? new Log(document) : known;
        long more = update.length + BYTES_OF_AN_UPDATE - (replaced == 0 ? 0 : log.bytesUpTo(replaced));
        if (more > 0) {
            checkRoom(log, more);
            makeRoom(log.bytes + more, known == null ? more + BYTES_OF_A_DOCUMENT : more);
        }
        if (known == null) {
            logs.put(document, log);
            bytesInAll += BYTES_OF_A_DOCUMENT;
        } else {
            bySize.remove(log);
        }
        log.bytes += more;
        bytesInAll += more;
        bySize.add(log);
        return replaced == 0 ? add(log, update) : replace(log, update, replaced);
    }

    @Override
    public synchronized long dropped() {
        return dropped;
    }

    private void checkRoom(Log log, long more) throws DocumentFullException {
        if (log.bytes + more > maxBytes) {
            throw new DocumentFullException("The document has " + log.bytes + " bytes, and may have " + maxBytes + ".");
        }
    }

    /** Makes room for a log that will have so many bytes. One other makes enough, since it has more than that. */
    @GuardedBy("this")
    private void makeRoom(long bytes, long more) throws DocumentFullException {
        if (bytesInAll + more <= maxBytesInAll) {
            return;
        }
        if (bySize.isEmpty() || bySize.last().bytes <= bytes) {
            throw new DocumentFullException("All documents together may have " + maxBytesInAll
                    + " bytes, and none of the others has more than this one would have.");
        }
        Log largest = bySize.removeLast();
        logs.remove(largest.document);
        bytesInAll -= largest.bytes + BYTES_OF_A_DOCUMENT;
        dropped++;
    }

    private long add(Log log, byte[] update) {
        long position = log.updates.isEmpty() ? firstPosition.getAsLong() : log.updates.lastKey() + 1;
        log.updates.put(position, update);
        return position;
    }

    private static long replace(Log log, byte[] snapshot, long position) {
        log.updates.headMap(position, true).clear();
        log.updates.put(position, snapshot);
        return position;
    }
}
