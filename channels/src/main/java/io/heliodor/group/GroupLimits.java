package io.heliodor.group;

/**
 * How much {@link Groups} hold. More is refused with a {@link GroupException}.
 *
 * @param groups the maximum number of groups: 1 or more; 1 000 by default
 * @param topicsPerGroup the maximum number of topics in one of them: 1 or more; 1 000 by default
 */
public record GroupLimits(int groups, int topicsPerGroup) {
    private static final GroupLimits DEFAULTS = new GroupLimits(1_000, 1_000);

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is less than 1
     */
    public GroupLimits {
        check("groups", groups);
        check("topicsPerGroup", topicsPerGroup);
    }

    private static void check(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be at least 1.");
        }
    }

    /**
     * 1 000 groups with 1 000 topics each.
     *
     * @return the limits
     */
    public static GroupLimits defaults() {
        return DEFAULTS;
    }
}
