package io.heliodor.presence.crdt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** A replica in a test: its state, the model of it, and what somebody sees who only follows the changes. */
final class Node {
    State<String> state;
    Model model = Model.nothing();
    private final Map<Dot, Entry<String>> followed = new HashMap<>();

    Node(String name, long life) {
        state = State.of(new ReplicaId(name, life));
        model.knowing(state.self());
    }

    ReplicaId id() {
        return state.self();
    }

    /** Takes the step, and checks that its changes lead from what was visible to what is. */
    Delta<String> take(Step<String> step) {
        step.changes()
                .leaves()
                .forEach(left -> assertThat(followed.remove(left.dot()))
                        .as("who leaves was there: %s", left)
                        .isNotNull());
        step.changes()
                .joins()
                .forEach(joined -> assertThat(followed.put(joined.dot(), joined))
                        .as("who joins was not there: %s", joined)
                        .isNull());
        if (step.state() == state) {
            assertThat(step.changes().isEmpty()).isTrue();
            assertThat(step.delta().isEmpty()).isTrue();
        }
        state = step.state();
        return step.delta();
    }

    /** Every read, against the model. */
    void check() {
        List<Entry<String>> visible = model.visible();
        assertThat(Set.copyOf(followed.values()))
                .as("what the changes add up to")
                .isEqualTo(Set.copyOf(visible));
        assertThat(state.size()).isEqualTo(visible.size());
        assertThat(Set.copyOf(state.full().entries())).as("hidden ones too").isEqualTo(model.present());
        Map<String, List<Entry<String>>> topics =
                visible.stream().collect(Collectors.groupingBy(Entry::topic, LinkedHashMap::new, Collectors.toList()));
        assertThat(state.topics()).isEqualTo(topics.size());
        topics.forEach(this::checkTopic);
        assertThat(state.topic("nowhere").isEmpty()).isTrue();
        checkOwners();
        assertThat(state.context().ended(id())).isEqualTo(model.ended(id()));
    }

    private void checkTopic(String topic, List<Entry<String>> expected) {
        Entries<String> entries = state.topic(topic);
        Map<String, List<Entry<String>>> keys = expected.stream().collect(Collectors.groupingBy(Entry::key));
        assertThat(entries.size()).isEqualTo(expected.size());
        assertThat(entries.isEmpty()).isFalse();
        assertThat(entries.keys()).isEqualTo(keys.size());
        keys.forEach((key, ofKey) -> assertThat(entries.get(key)).containsExactlyElementsOf(ofKey));
        List<Entry<String>> iterated = new ArrayList<>();
        entries.forEach(iterated::add);
        assertThat(Set.copyOf(iterated)).isEqualTo(Set.copyOf(expected));
        assertThat(iterated).hasSameSizeAs(expected);
        Set<String> seen = new HashSet<>();
        for (int at = 0; at < iterated.size(); ) {
            String key = iterated.get(at).key();
            assertThat(seen.add(key)).as("a key is one piece of the iteration").isTrue();
            List<Entry<String>> ofKey = entries.get(key);
            assertThat(iterated.subList(at, at + ofKey.size())).isEqualTo(ofKey);
            at += ofKey.size();
        }
    }

    private void checkOwners() {
        Map<Long, List<Entry<String>>> owners = model.present().stream()
                .filter(entry -> entry.replica().equals(id()))
                .collect(Collectors.groupingBy(Entry::owner));
        owners.forEach((owner, owned) -> {
            assertThat(Set.copyOf(state.owned(owner))).isEqualTo(Set.copyOf(owned));
            assertThat(state.sizeOf(owner)).isEqualTo(owned.size());
            for (Entry<String> entry : owned) {
                assertThat(state.find(owner, entry.topic(), entry.key())).hasValueSatisfying(found -> {
                    assertThat(owned).contains(found);
                    assertThat(List.of(found.topic(), found.key())).containsExactly(entry.topic(), entry.key());
                    assertThat(found.counter()).isGreaterThanOrEqualTo(entry.counter());
                });
            }
            assertThat(state.find(owner, "nowhere", "nobody")).isEmpty();
        });
        assertThat(state.owned(-1)).isEmpty();
    }

    void checkThatNothingIsAdded() {
        assertThatThrownBy(() -> state.add("topic", "key", 0, "meta"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("greater life");
    }

    /** Whether two replicas know the same, whoever is down for either. */
    static void checkSame(State<String> one, State<String> other) {
        assertThat(one.context()).isEqualTo(other.context()).hasSameHashCodeAs(other.context());
        assertThat(Set.copyOf(one.full().entries()))
                .isEqualTo(Set.copyOf(other.full().entries()));
    }
}
