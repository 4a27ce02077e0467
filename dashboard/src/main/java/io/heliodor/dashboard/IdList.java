package io.heliodor.dashboard;

import java.util.List;

/**
 * The answer of a node to {@link Query#USERS}.
 *
 * @param ids ids of connections, sorted
 * @param total the number of ids found
 * @param complete whether all ids were read
 */
record IdList(List<String> ids, int total, boolean complete) {
    IdList {
        ids = Absent.orEmpty(ids);
    }
}
