package io.heliodor.group;

import java.io.Serial;

/**
 * The refusal of an operation on a group or on {@link Groups}; nothing was changed. Its nested classes are the reasons, and a
 * {@code switch} over them is exhaustive.
 */
public abstract sealed class GroupException extends IllegalStateException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** The name of the group. */
    private final String group;

    private GroupException(String group, String problem) {
        super("Group '" + group + "' " + problem);
        this.group = group;
    }

    /**
     * The name of the group.
     *
     * @return its name
     */
    public String group() {
        return group;
    }

    /** A group of that name exists. */
    public static final class Exists extends GroupException {
        @Serial
        private static final long serialVersionUID = 1L;

        Exists(String group) {
            super(group, "exists; choose another name, or take it with ensure(\"" + group + "\").");
        }
    }

    /** The group was deleted, and the {@link Group} object cannot be used any more. */
    public static final class Deleted extends GroupException {
        @Serial
        private static final long serialVersionUID = 1L;

        Deleted(String group) {
            super(group, "was deleted; take a new one with ensure(\"" + group + "\"), or do not use it any more.");
        }
    }

    /** The maximum number of groups was reached. */
    public static final class TooMany extends GroupException {
        @Serial
        private static final long serialVersionUID = 1L;

        TooMany(String group, int limit) {
            super(
                    group,
                    "was not created: there are " + limit
                            + " groups, the limit; delete some, or raise it with GroupLimits.");
        }
    }

    /** The group would exceed its maximum number of topics, or the additions and removals of this endpoint would not fit a message. */
    public static final class Full extends GroupException {
        @Serial
        private static final long serialVersionUID = 1L;

        Full(String group, int limit) {
            super(
                    group,
                    "would have more than " + limit + " topics, the limit; remove some, or raise it with GroupLimits.");
        }

        Full(String group, long limit, long bytes) {
            super(
                    group,
                    "was not changed: its topics of this endpoint and the latest removals would have "
                            + bytes + " bytes, and the limit is " + limit
                            + "; use several groups, or remove fewer topics of other endpoints within 20 s.");
        }
    }
}
