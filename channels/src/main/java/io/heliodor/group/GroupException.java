package io.heliodor.group;

import java.io.Serial;

/**
 * A group, or {@link Groups}, could not do what was asked; nothing was changed. The classes within say why; a
 * {@code switch} over them is complete.
 */
public abstract sealed class GroupException extends IllegalStateException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** Which group it was about. */
    private final String group;

    private GroupException(String group, String message) {
        super(message);
        this.group = group;
    }

    /**
     * Which group it was about.
     *
     * @return its name
     */
    public String group() {
        return group;
    }

    /** There is a group of that name. */
    public static final class Exists extends GroupException {
        @Serial
        private static final long serialVersionUID = 1L;

        Exists(String group) {
            super(
                    group,
                    "Group '" + group + "' exists; choose another name, or take it with ensure(\"" + group + "\").");
        }
    }

    /** The group was deleted; the {@link Group} that was used is of no use any more. */
    public static final class Deleted extends GroupException {
        @Serial
        private static final long serialVersionUID = 1L;

        Deleted(String group) {
            super(
                    group,
                    "Group '" + group + "' was deleted; take a new one with ensure(\"" + group
                            + "\"), or do not use it any more.");
        }
    }

    /** There are as many groups as there may be. */
    public static final class TooMany extends GroupException {
        @Serial
        private static final long serialVersionUID = 1L;

        TooMany(String group, int limit) {
            super(
                    group,
                    "Group '" + group + "' was not created: there are " + limit
                            + " groups, the limit; delete some, or raise it with GroupLimits.");
        }
    }

    /** The group would have more topics than the limit, or what this endpoint adds to it and removes from it would not fit a message. */
    public static final class Full extends GroupException {
        @Serial
        private static final long serialVersionUID = 1L;

        Full(String group, int limit) {
            super(
                    group,
                    "Group '" + group + "' would have more than " + limit
                            + " topics, the limit; remove some, or raise it with GroupLimits.");
        }

        Full(String group, long limit, long bytes) {
            super(
                    group,
                    "Group '" + group
                            + "' was not changed: its topics of this endpoint and the latest removals would have "
                            + bytes + " bytes, and the limit is " + limit
                            + "; use several groups, or remove fewer topics of other endpoints within 20 s.");
        }
    }
}
