package io.heliodor.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.heliodor.pubsub.PubSub;
import io.heliodor.type.text.ControlCharacters;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names of groups. */
class GroupsTests {
    private final Groups groups = FakeChannels.groups();

    @Test
    void thereAreNoGroupsAtTheStart() {
        assertThat(groups.names()).isEmpty();
        assertThat(groups.find("staff")).isEmpty();
    }

    @Test
    void aNewGroupIsFoundByItsNameAndIsEmpty() {
        Group staff = groups.create("staff");
        assertThat(staff.name()).isEqualTo("staff");
        assertThat(staff.topics()).isEmpty();
        assertThat(groups.find("staff")).containsSame(staff);
        assertThat(groups.find("guests")).isEmpty();
    }

    @Test
    void aNameIsCreatedOnce() {
        Group staff = groups.create("staff").add("room:ops");
        assertThatExceptionOfType(GroupException.Exists.class)
                .isThrownBy(() -> groups.create("staff"))
                .withMessage("Group 'staff' exists; choose another name, or take it with ensure(\"staff\").")
                .satisfies(refused -> assertThat(refused.group()).isEqualTo("staff"));
        assertThat(groups.find("staff")).containsSame(staff);
        assertThat(staff.topics()).containsExactly("room:ops");
    }

    @Test
    void ensuringCreatesAMissingGroupAndReturnsAnExistingOne() {
        Group staff = groups.ensure("staff").add("room:ops");
        assertThat(groups.ensure("staff")).isSameAs(staff);
        assertThat(groups.create("guests")).isSameAs(groups.ensure("guests"));
        assertThat(staff.topics()).containsExactly("room:ops");
        assertThat(groups.names()).containsExactly("staff", "guests");
    }

    @Test
    void namesAreInTheOrderOfTheirCreation() {
        groups.create("c");
        groups.create("a");
        groups.create("b");
        groups.delete("a");
        groups.create("a");
        assertThat(groups.names()).containsExactly("c", "b", "a");
    }

    @Test
    void namesAreThoseOfOneMomentAndCannotBeChanged() {
        groups.create("staff");
        Set<String> before = groups.names();
        groups.create("guests");
        groups.delete("staff");
        assertThat(before).containsExactly("staff");
        assertThat(before).isUnmodifiable();
    }

    @Test
    void aDeletedGroupIsGoneAndItsNameIsFree() {
        Group former = groups.create("staff").add("room:ops");
        assertThat(groups.delete("staff")).isTrue();
        assertThat(groups.find("staff")).isEmpty();
        assertThat(groups.names()).isEmpty();

        Group staff = groups.create("staff");
        assertThat(staff).isNotSameAs(former);
        assertThat(staff.topics()).isEmpty();
        assertThatExceptionOfType(GroupException.Deleted.class).isThrownBy(former::topics);
    }

    @Test
    void deletingAMissingGroupDoesNothing() {
        groups.create("staff");
        assertThat(groups.delete("guests")).isFalse();
        assertThat(groups.delete("staff")).isTrue();
        assertThat(groups.delete("staff")).isFalse();
    }

    @Test
    void aLimitIsOneOrMore() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new GroupLimits(0, 1))
                .withMessage("maxGroups is 0; it must be at least 1.");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new GroupLimits(1, 0))
                .withMessage("maxTopicsPerGroup is 0; it must be at least 1.");
    }

    @Test
    void groupsBeyondTheLimitAreRefused() {
        Groups two = FakeChannels.groups(PubSub.local(), new FakeChannels(), new GroupLimits(2, 1));
        two.create("a");
        Group b = two.ensure("b");
        String message = "Group 'c' was not created: there are 2 groups, the limit;"
                + " delete some, or raise it with GroupLimits.";
        assertThatExceptionOfType(GroupException.TooMany.class)
                .isThrownBy(() -> two.create("c"))
                .withMessage(message);
        assertThatExceptionOfType(GroupException.TooMany.class)
                .isThrownBy(() -> two.ensure("c"))
                .withMessage(message);
        assertThat(two.names()).containsExactly("a", "b");
        assertThat(two.ensure("b")).isSameAs(b);
        assertThatExceptionOfType(GroupException.Exists.class).isThrownBy(() -> two.create("a"));
        assertThat(two.refused()).isEqualTo(2);
        two.delete("a");
        assertThat(two.create("c").name()).isEqualTo("c");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a\nb", "a\u0000", "a\u0085", "a\ud800"})
    void anInvalidNameIsRefused(String name) {
        String message = "A group cannot be called '" + ControlCharacters.escaped(name)
                + "'; its name has 1 to 255 bytes of UTF-8 without control characters, for example 'staff'.";
        assertThatIllegalArgumentException()
                .isThrownBy(() -> groups.create(name))
                .withMessage(message);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> groups.ensure(name))
                .withMessage(message);
        assertThat(groups.names()).isEmpty();
        assertThat(groups.find(name)).isEmpty();
        assertThat(groups.delete(name)).isFalse();
    }

    @Test
    void aNameHas255BytesAtTheMost() {
        String longest = "é".repeat(127) + "x";
        assertThat(groups.create(longest).name()).isEqualTo(longest);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> groups.create("x".repeat(100_000)))
                .satisfies(refused -> assertThat(refused.getMessage()).hasSizeLessThan(500));
    }

    @Test
    void groupsOfDifferentServersShareNothing() {
        groups.create("staff");
        assertThat(FakeChannels.groups().names()).isEmpty();
    }
}
