package io.heliodor.link.jgroups;

import java.time.Duration;
import java.util.Iterator;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jgroups.Address;
import org.jgroups.BytesMessage;
import org.jgroups.Event;
import org.jgroups.Message;
import org.jgroups.View;
import org.jgroups.ViewId;
import org.jgroups.conf.ClassConfigurator;
import org.jgroups.protocols.pbcast.GMS;
import org.jgroups.util.MergeId;
import org.jgroups.util.MessageBatch;
import org.jspecify.annotations.Nullable;

/**
 * GMS, which agrees on views with the other members. A node that is about to leave takes part in no merge: a part that still has it as
 * a member would make it one again, until the failure detector excludes it. GMS would do as it is if it repeated the request to
 * leave and refused merges meanwhile, answered each request to merge, and completed joins before: {@code docs/design/jgroups.md}.
 */
final class GroupMembership extends GMS {
    private static final long LEAVE_MILLIS = 2_000;
    private static final long MERGE_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long POLL_MILLIS = 5;
    private static final long JOIN_MILLIS = 3_000;

    private final MergeDetector merging;
    private final Duration exclusionTimeout;
    private volatile boolean declining;

    /**
     * A protocol for a stack.
     *
     * @param merging finds other parts
     * @param exclusionTimeout the time after which a silent member is excluded
     */
    GroupMembership(MergeDetector merging, Duration exclusionTimeout) {
        this.merging = merging;
        this.exclusionTimeout = exclusionTimeout;
        setId(ClassConfigurator.getProtocolId(GMS.class));
        setLeaveTimeout(LEAVE_MILLIS);
    }

    @Override
    public void init() throws Exception {
        super.init();
        // A member that takes part in the merge of another leader is busy for at most twice this time.
        Duration busy = Duration.ofMillis(2 * merge_timeout).plusSeconds(1);
        merger = new AllOrNothingMerger(this, merging, busy.compareTo(exclusionTimeout) > 0 ? busy : exclusionTimeout);
    }

    /** Whether this node has a living coordinator other than this merge leader and itself. */
    boolean follows(Address leader) {
        View present = view();
        return present != null
                && !leader.equals(present.getCoord())
                && !local_addr.equals(present.getCoord())
                && merging.hasCoordinator();
    }

    /**
     * Waits for the view that this node makes now, if it does, for a quarter of the time that a merge leader waits. The
     * queue is also busy for a moment with the request to merge itself.
     *
     * @return whether the view is the one before: the leader refuses the answer with another one
     */
    boolean keepsItsView() {
        ViewId before = getViewId();
        getViewHandler().waitUntilComplete(merge_timeout / 4);
        return !getViewHandler().processing() && Objects.equals(before, getViewId());
    }

    /** Cancels a merge that a disconnect interrupted: the timer that would end it was stopped. */
    @Override
    public void start() throws Exception {
        cancelMerge();
        super.start();
    }

    /**
     * Discovers members and joins them, or begins a view alone. If there is a cluster, the timeout is longer than
     * usual: many nodes that start at once would otherwise be as many parts, which take long to merge.
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

    /** Refuses merges until {@link #stay}. Blocks while one runs that has begun, at most for two seconds. */
    void prepareToLeave() throws InterruptedException {
        long deadline = System.nanoTime() + MERGE_NANOS;
        while (isMergeInProgress() && System.nanoTime() - deadline < 0) {
            Thread.sleep(POLL_MILLIS);
        }
        declining = true;
    }

    /** Takes part in merges again, after {@link #prepareToLeave}. */
    void stay() {
        declining = false;
    }

    /** Sends the request to leave again, if this node waits for its answer: a coordinator that merges ignores it. */
    void resendLeave() {
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

    /** Refuses a merge. The content is empty, not null: JGroups ignores a refusal without content. */
    void refuse(Address leader, MergeId merge) {
        down_prot.down(new BytesMessage(leader)
                .setArray(marshal(null, null))
                .setFlag(Message.Flag.OOB)
                .putHeader(id, new GmsHeader(GmsHeader.MERGE_RSP).mergeId(merge).mergeRejected(true)));
    }
}
