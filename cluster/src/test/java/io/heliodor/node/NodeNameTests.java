package io.heliodor.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The names that a node may have. */
class NodeNameTests {
    @ParameterizedTest
    @ValueSource(strings = {"a@h", "a.b_c-1@h.example.org", "a@10.0.0.1", "a@[::1]"})
    void aNameHasAnApplicationAndAHost(String name) throws Exception {
        assertThat(NodeName.of(name)).hasToString(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a@h:7100", "a@10.0.0.1:7100", "a@[::1]:7100"})
    void theErrorForANameWithAPortNamesBind(String name) {
        assertThatThrownBy(() -> NodeName.of(name))
                .hasMessageEndingWith("not \"" + name + "\". Its port belongs to bind.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "@h", "a@", "a b@h", "ä@h", "a/b@h", "a@h_", "a@b@h", "a@::1", "a@h\n"})
    void anyOtherNameIsRefused(String name) {
        assertThatThrownBy(() -> NodeName.of(name))
                .isInstanceOfSatisfying(
                        StartException.class,
                        refusal -> assertThat(refusal.problem()).isEqualTo(StartException.Problem.BAD_NAME))
                .hasMessageStartingWith("The name of a node is app@host: ");
    }
}
