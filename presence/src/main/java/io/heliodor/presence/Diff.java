package io.heliodor.presence;

import java.util.List;
import java.util.Map;

/**
 * Who came to a topic and who went. An update of what is said about somebody is both: the new under joins, the old under
 * leaves. What came and went between two diffs is in neither.
 *
 * @param joins by key what came; a key that is present more than once has several
 * @param leaves by key what went
 * @param present by key what is present after the diff: an immutable view of this moment, in which a look-up is quick and reading all
 *     costs as much as there is
 * @param <M> what is said about somebody
 */
public record Diff<M>(Map<String, List<M>> joins, Map<String, List<M>> leaves, Map<String, List<M>> present) {
    /**
     * Whether nobody came or went: a subscription to an empty topic begins so.
     *
     * @return whether both are empty
     */
    public boolean isEmpty() {
        return joins.isEmpty() && leaves.isEmpty();
    }
}
