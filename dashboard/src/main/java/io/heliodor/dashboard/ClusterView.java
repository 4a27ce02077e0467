package io.heliodor.dashboard;

import java.util.List;

/**
 * The cluster as one node sees it.
 *
 * @param coordinator the node that decides the view
 * @param voters the voters, if there are any
 * @param notVoting the voters whose votes do not count yet
 * @param links the links to other members
 */
record ClusterView(String coordinator, List<String> voters, List<String> notVoting, List<Link> links) {
    ClusterView {
        voters = Absent.orEmpty(voters);
        notVoting = Absent.orEmpty(notVoting);
        links = Absent.orEmpty(links);
    }
}
