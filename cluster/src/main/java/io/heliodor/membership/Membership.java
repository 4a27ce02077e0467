package io.heliodor.membership;

import io.heliodor.pubsub.Subscription;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The members of the cluster.
 *
 * <p><b>Guarantees.</b> The members of a view agree on it, and all see views in one order. A node whose process died while
 * its machine lives is removed within 2 seconds; one that does not respond (frozen, unplugged) is suspected within 5, and
 * removed within 15. On a split each side has its own view; when it heals, one view follows and a
 * {@link MembershipEvent.Merged}. {@code SUSPECT} is this node's own opinion, and any message of the suspect retracts it.
 *
 * <p>All methods may be called from any thread and do not block.
 */
public interface Membership {
    /**
     * All known nodes, including this one: one row for each name, with its latest incarnation. Rows of nodes that are dead
     * or left stay for an hour.
     *
     * @return an immutable list, sorted by name
     */
    List<Member> members();

    /**
     * One of {@link #members()}.
     *
     * @param node its name
     * @return its row, if it is known
     */
    Optional<Member> member(String node);

    /**
     * The names of the other members of the view, suspects included.
     *
     * @return an immutable list in the order of the view
     */
    List<String> peers();

    /**
     * The first member of the view: the one that grants names and elections where no voters do.
     *
     * @return its name; this node's own while it is alone
     */
    String coordinator();

    /**
     * Calls a listener with all other members, as {@link MembershipEvent.Joined}, and then with each change.
     *
     * <p><b>Threads:</b> one call at a time, on a virtual thread of this subscription. <b>Blocking:</b> allowed. Up to
     * 10 000 events wait; beyond that events that later ones make void are dropped, with a warning, so the listener ends up
     * with the right members.
     *
     * @param listener called with each event, in order
     * @return the subscription
     */
    Subscription subscribe(Consumer<? super MembershipEvent> listener);
}
