package io.heliodor.node.registry;

import io.heliodor.link.Peer;
import io.heliodor.process.engine.ProcessId;
import io.heliodor.process.engine.Recipients;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The members of one process group. One thread at a time changes them; all threads read them, without a lock. */
public final class GroupMembers {
    private record Sorted(long version, Recipients recipients) {}

    private final Peer self;
    private final ConcurrentSkipListSet<ProcessId> members = new ConcurrentSkipListSet<>();

    /** The number of changes. */
    private final AtomicLong version = new AtomicLong();

    private volatile @Nullable Sorted sorted;

    public GroupMembers(Peer self) {
        this.self = self;
    }

    public void add(ProcessId member) {
        members.add(member);
        version.incrementAndGet();
    }

    /** Returns whether the group is empty now. */
    public boolean remove(ProcessId member) {
        members.remove(member);
        version.incrementAndGet();
        return members.isEmpty();
    }

    public List<ProcessId> list() {
        return List.copyOf(members);
    }

    /** The members as recipients, cached until the next change. */
    public Recipients recipients() {
        // The version is read before the members and written after them, so members sorted during a change get an old
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
