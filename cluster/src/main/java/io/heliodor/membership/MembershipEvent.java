package io.heliodor.membership;

import java.util.List;
import java.util.Objects;

/** A change of the membership, as this node sees it. */
public sealed interface MembershipEvent {
    /**
     * A node joined the view: new, or back.
     *
     * @param member the node
     */
    record Joined(Member member) implements MembershipEvent {
        /** Checks that no value is null. */
        public Joined {
            Objects.requireNonNull(member, "member");
        }
    }

    /**
     * The suspicion of a member changed: {@code ALIVE} to {@code SUSPECT}, or back.
     *
     * @param member the node, as it is now
     * @param before its status before
     */
    record Changed(Member member, Member.Status before) implements MembershipEvent {
        /** Checks that no value is null. */
        public Changed {
            Objects.requireNonNull(member, "member");
            Objects.requireNonNull(before, "before");
        }
    }

    /**
     * A node left the view: it is {@code DEAD} or {@code LEFT}.
     *
     * @param member the node
     */
    record Left(Member member) implements MembershipEvent {
        /** Checks that no value is null. */
        public Left {
            Objects.requireNonNull(member, "member");
        }
    }

    /**
     * Two sides of a split merged. It follows the {@code Joined} of the nodes that are back.
     *
     * @param nodes the names of all members, sorted
     */
    record Merged(List<String> nodes) implements MembershipEvent {
        /** Checks that no value is null. */
        public Merged {
            Objects.requireNonNull(nodes, "nodes");
        }
    }
}
