package io.heliodor.node;

import io.heliodor.link.Peer;
import io.heliodor.process.engine.ProcessId;
import io.heliodor.process.engine.Recipients;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The members of one process group. One thread at a time changes them; all threads read them, without a lock. */
final class GroupMembers {
    private record Sorted(long version, Recipients recipients) {}

    private final Peer self;
    private final ConcurrentSkipListSet<ProcessId> members = new ConcurrentSkipListSet<>();

    /** How many changes there were. */
    private final AtomicLong version = new AtomicLong();

    private volatile @Nullable Sorted sorted;

    GroupMembers(Peer self) {
        this.self = self;
    }

    void add(ProcessId member) {
        members.add(member);
        version.incrementAndGet();
    }

    /** Returns whether none is left. */
    boolean remove(ProcessId member) {
        members.remove(member);
        version.incrementAndGet();
        return members.isEmpty();
    }

    List<ProcessId> list() {
        return List.copyOf(members);
    }

    /** All members, sorted once after each change. */
    Recipients recipients() {
        // The version is read before the members and written after them: what was sorted during a change has an old
        // one.
        long current = version.get();
        Sorted known = sorted;
        if (known != null && known.version == current) {
            return known.recipients;
        }
        Recipients recipients = Recipients.of(self, members);
        sorted = new Sorted(current, recipients);
        return recipients;
    }
}
