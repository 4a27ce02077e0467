package io.heliodor.wire.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.type.TypeFactory;

/** Short names of types in documents. */
class TypeNamesTests {
    private static final TypeFactory TYPES = new JsonMapper().getTypeFactory();

    static class RoomChannel {
        record Enter() {}

        record Move() {}
    }

    static class GameChannel {
        record Enter() {}
    }

    record Move() {}

    record Page<T>(T item) {}

    private static Map<String, String> names(Set<String> reserved, JavaType... types) {
        return TypeNames.of(
                Arrays.stream(types)
                        .collect(Collectors.toMap(JavaType::toCanonical, type -> new TypeNames.Named(type, ""))),
                reserved);
    }

    private static String name(Map<String, String> names, JavaType type) {
        return names.get(type.toCanonical());
    }

    private static JavaType type(Class<?> type) {
        return TYPES.constructType(type);
    }

    @Test
    void aNameIsTheSimpleOne() {
        assertThat(names(Set.of(), type(RoomChannel.Enter.class), type(Move.class))
                        .values())
                .containsExactlyInAnyOrder("Enter", "Move");
    }

    @Test
    void namesThatClashHaveTheirEnclosingClassesWithoutChannel() {
        Map<String, String> names = names(
                Set.of(),
                type(RoomChannel.Enter.class),
                type(GameChannel.Enter.class),
                type(RoomChannel.Move.class),
                type(Move.class));
        assertThat(name(names, type(RoomChannel.Enter.class))).isEqualTo("RoomEnter");
        assertThat(name(names, type(GameChannel.Enter.class))).isEqualTo("GameEnter");
        assertThat(name(names, type(RoomChannel.Move.class))).isEqualTo("RoomMove");
        assertThat(name(names, type(Move.class))).isEqualTo("TypeNamesTestsMove");
    }

    @Test
    void aTypeThatDoesNotClashKeepsItsName() {
        Map<String, String> before = names(Set.of(), type(RoomChannel.Enter.class), type(Move.class));
        Map<String, String> after =
                names(Set.of(), type(RoomChannel.Enter.class), type(GameChannel.Enter.class), type(Move.class));
        assertThat(name(after, type(Move.class))).isEqualTo(name(before, type(Move.class)));
    }

    @Test
    void typeArgumentsFollow() {
        JavaType page = TYPES.constructParametricType(Page.class, Move.class);
        JavaType pages = TYPES.constructParametricType(Page.class, page);
        assertThat(names(Set.of(), page, pages).values()).containsExactlyInAnyOrder("PageMove", "PagePageMove");
    }

    @Test
    void aReservedNameIsNotTaken() {
        assertThat(names(Set.of("Move"), type(Move.class)).values()).containsExactly("TypeNamesTestsMove");
    }

    record MoveInput() {}

    @Test
    void aSuffixIsAPartOfAName() {
        Map<String, String> names = TypeNames.of(
                Map.of(
                        "a", new TypeNames.Named(type(Move.class), "Input"),
                        "b", new TypeNames.Named(type(MoveInput.class), "")),
                Set.of());
        assertThat(Set.copyOf(names.values())).hasSize(2);
        assertThat(names.values()).allMatch(name -> name.contains("MoveInput"));
    }

    @Test
    void namesWithoutARestHaveNumbers() {
        JavaType move = type(Move.class);
        TypeNames.Named named = new TypeNames.Named(move, "");
        Map<String, String> names = TypeNames.of(Map.of("a", named, "b", named), Set.of());
        assertThat(Set.copyOf(names.values())).hasSize(2);
        assertThat(List.copyOf(names.values())).allMatch(name -> name.endsWith("Move2") || name.endsWith("Move3"));
    }
}
