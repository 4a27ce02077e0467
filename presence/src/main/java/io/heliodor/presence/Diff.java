package io.heliodor.presence;

import java.util.List;
import java.util.Map;

/**
 * Who came to a topic and who went. An update of what is said about somebody is both: the new under joins, the old under
 * leaves. What came and went between two diffs is in neither.
 *
 * @param joins by key what came; a key that is present more than once has several
 * @param leaves by key what went
 * @param <M> what is said about somebody
 */
public record Diff<M>(Map<String, List<M>> joins, Map<String, List<M>> leaves) {
    /**
     * Whether nobody came or went: a subscription to an empty topic begins so.
     *
     * @return whether both are empty
     */
    public boolean isEmpty() {
        return joins.isEmpty() && leaves.isEmpty();
    }
}
