package io.heliodor.group;

/**
 * The limits of {@link Groups}. Operations beyond them are refused with a {@link GroupException}.
 *
 * @param maxGroups groups that exist at once; at least 1, 1 000 by default
 * @param maxTopicsPerGroup topics in one of them; at least 1, 1 000 by default
 */
public record GroupLimits(int maxGroups, int maxTopicsPerGroup) {
    private static final GroupLimits DEFAULTS = new GroupLimits(1_000, 1_000);

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is less than 1
     */
    public GroupLimits {
        check("maxGroups", maxGroups);
        check("maxTopicsPerGroup", maxTopicsPerGroup);
    }

    private static void check(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be at least 1.");
        }
    }

    /**
     * The defaults: 1 000 groups with 1 000 topics each.
     *
     * @return the limits
     */
    public static GroupLimits defaults() {
        return DEFAULTS;
    }

    /**
     * The same with another {@link #maxGroups()}.
     *
     * @param count at least 1
     * @return new limits
     * @throws IllegalArgumentException if it is out of range, with the range
     */
    public GroupLimits maxGroups(int count) {
        return new GroupLimits(count, maxTopicsPerGroup);
    }

    /**
     * The same with another {@link #maxTopicsPerGroup()}.
     *
     * @param count at least 1
     * @return new limits
     * @throws IllegalArgumentException if it is out of range, with the range
     */
    public GroupLimits maxTopicsPerGroup(int count) {
        return new GroupLimits(maxGroups, count);
    }
}
