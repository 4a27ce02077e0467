package io.heliodor.type;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TypeTests {
    @Test
    void typesAreEqualWhenTheyStandForTheSame() {
        assertThat(Type.of(String.class))
                .isEqualTo(Type.of(String.class))
                .isEqualTo(new Type<String>() {})
                .hasSameHashCodeAs(new Type<String>() {})
                .isNotEqualTo(Type.of(Integer.class));
        assertThat(new Type<Map<String, List<Integer>>>() {})
                .isEqualTo(new Type<Map<String, List<Integer>>>() {})
                .isNotEqualTo(new Type<Map<String, List<Long>>>() {})
                .isNotEqualTo(Type.of(Map.class));
    }

    @Test
    void aTypePrintsAsInSource() {
        assertThat(new Type<List<String>>() {}).hasToString("java.util.List<java.lang.String>");
    }

    @Test
    @SuppressWarnings("rawtypes")
    void aTypeWithoutItsArgumentIsRefused() {
        assertThatIllegalStateException()
                .isThrownBy(() -> new Type() {})
                .withMessageContaining("new Type<List<Order>>() {}");
    }

    @Test
    void aSubclassOfASubclassIsRefusedBecauseItsArgumentIsAnothers() {
        assertThatIllegalStateException().isThrownBy(() -> new ListOf<String>() {});
    }

    private static class ListOf<E> extends Type<List<E>> {}
}
