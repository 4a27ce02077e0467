package io.heliodor.testkit;

import io.heliodor.group.Groups;
import java.util.List;
import java.util.Random;

/** A change of a group by a node. */
record GroupChange(Kind kind, String group, String topic) {
    static final List<String> GROUPS = List.of("red", "blue");

    enum Kind {
        ADD,
        REMOVE,
        DELETE
    }

    static GroupChange draw(Random random, List<String> groups) {
        Kind kind = Step.any(random, List.of(Kind.ADD, Kind.ADD, Kind.REMOVE, Kind.DELETE));
        return new GroupChange(kind, Step.any(random, groups), Step.any(random, Step.ROOMS));
    }

    void make(Groups groups) {
        switch (kind) {
            case ADD -> groups.ensure(group).add(topic);
            case REMOVE -> groups.ensure(group).remove(topic);
            case DELETE -> {
                boolean _ = groups.delete(group);
            }
        }
    }
}
