package io.heliodor.link.jgroups;

import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;
import org.jgroups.Address;
import org.jgroups.BytesMessage;
import org.jgroups.Event;
import org.jgroups.Message;
import org.jgroups.View;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.protocols.pbcast.GMS;
import org.jgroups.util.MergeId;
import org.jgroups.util.MessageBatch;
import org.jspecify.annotations.Nullable;

/**
 * Agrees with the others on views. A node that is about to leave takes part in no merge: a part that still counts it would
 * bring it back when it is gone, until its silence is noticed.
 */
final class GroupMembership extends GMS {
    private static final long LEAVE_MILLIS = 2_000;
    private static final long MERGE_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long LOOK_MILLIS = 5;
    private static final long JOIN_MILLIS = 3_000;

    private final MergeDetector merging;
    private final Duration patience;
    private volatile boolean declining;

    /**
     * One for a stack.
     *
     * @param merging looks for other parts
     * @param patience a member that is silent for so long should have been excluded
     */
    GroupMembership(MergeDetector merging, Duration patience) {
        this.merging = merging;
        this.patience = patience;
        setId(ClassConfigurator.getProtocolId(GMS.class));
        setLeaveTimeout(LEAVE_MILLIS);
    }

    @Override
    public void init() throws Exception {
        super.init();
        // A member that was asked by another leader is busy for twice this time at most.
        Duration busy = Duration.ofMillis(2 * merge_timeout).plusSeconds(1);
        merger = new AllOrNothingMerger(this, merging, busy.compareTo(patience) > 0 ? busy : patience);
    }

    /** Whether this node is in the part of another one than that which asks. */
    boolean follows(Address leader) {
        View present = view();
        return present != null
                && !leader.equals(present.getCoord())
                && !local_addr.equals(present.getCoord())
                && merging.hasCoordinator();
    }

    /** A merge that a disconnect cut off must not keep the node from others: the timer that ends it was stopped. */
    @Override
    public void start() throws Exception {
        cancelMerge();
        super.start();
    }

    /**
     * Looks for members and joins them, or begins a part of its own. If there is a cluster, slow handshakes are waited for: many
     * nodes that start at once would be as many parts, and take long to merge.
     *
     * @param formed whether there is a cluster to join
     * @param connect starts the channel
     */
    void join(boolean formed, Runnable connect) {
        long usual = getJoinTimeout();
        setJoinTimeout(formed ? Math.max(usual, JOIN_MILLIS) : usual);
        connect.run();
        setJoinTimeout(usual);
    }

    /** Waits, two seconds at most, for a merge that has begun, and takes part in none until {@link #stay}. */
    void prepareToLeave() throws InterruptedException {
        long deadline = System.nanoTime() + MERGE_NANOS;
        while (isMergeInProgress() && System.nanoTime() - deadline < 0) {
            Thread.sleep(LOOK_MILLIS);
        }
        declining = true;
    }

    /** Takes part in merges again. */
    void stay() {
        declining = false;
    }

    /** A coordinator that merges takes no notice of who leaves, and says nothing. Does nothing unless this node waits for it. */
    void sayAgain() {
        if (isLeaving()) {
            leaver.leave();
        }
    }

    @Override
    public @Nullable Object up(Event event) {
        if (declining && event.getType() == Event.MERGE) {
            return null;
        }
        return super.up(event);
    }

    @Override
    public @Nullable Object up(Message message) {
        return declined(message) ? null : super.up(message);
    }

    @Override
    public void up(MessageBatch batch) {
        if (declining) {
            for (Iterator<Message> messages = batch.iterator(); messages.hasNext(); ) {
                if (declined(messages.next())) {
                    messages.remove();
                }
            }
        }
        super.up(batch);
    }

    private boolean declined(Message message) {
        GmsHeader header = declining ? message.getHeader(id) : null;
        if (header == null || header.getType() != GmsHeader.MERGE_REQ) {
            return false;
        }
        refuse(message.getSrc(), header.getMergeId());
        return true;
    }

    /** With content, if an empty one: JGroups overlooks a refusal that has none, and waits five seconds for it. */
    void refuse(Address leader, MergeId merge) {
        down_prot.down(new BytesMessage(leader)
                .setArray(marshal(null, null))
                .setFlag(Message.Flag.OOB)
                .putHeader(id, new GmsHeader(GmsHeader.MERGE_RSP).mergeId(merge).mergeRejected(true)));
    }
}
