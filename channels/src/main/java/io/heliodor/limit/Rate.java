package io.heliodor.limit;

/**
 * How often something may happen: evenly so many times a second, and so many at once after a pause.
 *
 * {@snippet lang="java" :
 * Rate.perSecond(10).burst(20)
 * }
 *
 * @param perSecond how many a second, 1 to 1 000 000
 * @param burst how many at once, 1 to 1 000 000
 */
public record Rate(int perSecond, int burst) {
    private static final int MOST = 1_000_000;

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is out of range, naming it
     */
    public Rate {
        within("perSecond", perSecond);
        within("burst", burst);
    }

    /**
     * So many a second, and as many at once.
     *
     * @param count 1 to 1 000 000
     * @return the rate
     * @throws IllegalArgumentException if it is out of range
     */
    public static Rate perSecond(int count) {
        return new Rate(count, count);
    }

    /**
     * The same with another burst.
     *
     * @param count how many at once, 1 to 1 000 000
     * @return a rate
     * @throws IllegalArgumentException if it is out of range
     */
    public Rate burst(int count) {
        return new Rate(perSecond, count);
    }

    private static void within(String name, int value) {
        if (value < 1 || value > MOST) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be 1 to " + MOST + ".");
        }
    }
}
