package io.heliodor.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.raft.VoterModel.Bounds;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * All schedules of three voters within bounds. {@code -Dheliodor.model=full} has all of {@code docs/design/voters.md};
 * {@code -Dheliodor.model.bounds=3,4,1,1,0,1,1,0,0,0,15} has others, in the order of {@link Bounds}, from the
 * {@code -Dheliodor.model.start} {@code empty}, {@code two} or {@code three} (voters that begin the log).
 */
class VoterModelTests {
    private static final int MAX_STATES = 200_000_000;

    private static VoterModel explored(String start, Bounds bounds) {
        VoterModel model = new VoterModel(bounds, Long.getLong("heliodor.model.states", MAX_STATES));
        switch (start) {
            case "empty" -> model.exploreFromEmpty();
            case "two" -> model.exploreFromBegun(false);
            case "three" -> model.exploreFromBegun(true);
            default -> throw new IllegalArgumentException("heliodor.model.start is " + start);
        }
        System.out.println("From " + start + ", " + bounds + ": " + model);
        return model;
    }

    private static void safe(String start, int... numbers) {
        VoterModel model = explored(start, bounds(numbers));
        assertThat(model.isComplete()).as("complete: %s", model).isTrue();
    }

    private static Bounds bounds(int... of) {
        return new Bounds(of[0], of[1], of[2], of[3], of[4], of[5], of[6], of[7], of[8], of[9], of[10]);
    }

    @Test
    void aLogBeginsOnceInAllElectionsOfTwoTerms() {
        safe("empty", 2, 3, 2, 0, 0, 0, 0, 0, 0, 0, Bounds.ANY);
    }

    @Test
    void aLostDirectoryIsNamedWhenItHasAllEntriesInAllSchedules() {
        VoterModel model = explored("three", bounds(3, 4, 1, 1, 0, 1, 1, 0, 0, 0, Bounds.ANY));
        assertThat(model.isComplete()).isTrue();
        assertThat(model.seen)
                .containsKeys(
                        "committed entry",
                        "directory named",
                        "directory removed from the list",
                        "leader",
                        "lost directory",
                        "refused directory");
    }

    @Test
    @Tag("long")
    void aVoterThatComesLaterIsNamedInAllSchedules() {
        safe("two", 3, 4, 1, 0, 0, 1, 1, 0, 0, 0, Bounds.ANY);
    }

    @Test
    @Tag("long")
    @EnabledIfSystemProperty(named = "heliodor.model", matches = "full")
    void allSchedulesAreSafe() {
        safe("empty", 2, 3, 2, 0, 0, 1, 0, 0, 0, 0, Bounds.ANY);
        safe("empty", 3, 3, 3, 0, 0, 1, 1, 0, 0, 0, 0);
        safe("empty", 3, 3, 2, 0, 0, 2, 2, 0, 0, 0, 0);
        safe("three", 3, 4, 1, 2, 0, 2, 2, 0, 0, 0, 1);
        safe("three", 3, 4, 2, 1, 0, 1, 1, 0, 0, 0, 2);
        safe("three", 3, 4, 1, 1, 0, 1, 1, 1, 1, 0, 0);
        safe("three", 3, 4, 1, 1, 1, 1, 1, 0, 0, 0, 0);
        safe("three", 3, 4, 1, 1, 0, 1, 1, 0, 0, 1, 0);
    }

    @Test
    @EnabledIfSystemProperty(named = "heliodor.model.bounds", matches = ".+")
    void theGivenBoundsAreSafe() {
        int[] numbers = Arrays.stream(
                        System.getProperty("heliodor.model.bounds").split(",", -1))
                .mapToInt(Integer::parseInt)
                .toArray();
        VoterModel _ = explored(System.getProperty("heliodor.model.start", "three"), bounds(numbers));
    }
}
