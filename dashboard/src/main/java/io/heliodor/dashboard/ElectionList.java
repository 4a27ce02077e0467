package io.heliodor.dashboard;

import java.util.List;

/**
 * The first elections that a node knows.
 *
 * @param elections the elections by their names
 * @param more whether there are further ones
 */
record ElectionList(List<ElectionLeader> elections, boolean more) {
    ElectionList {
        elections = Absent.orEmpty(elections);
    }
}
