package io.heliodor.dashboard;

import java.util.List;
import java.util.Optional;

/**
 * The cluster as one node sees it.
 *
 * @param coordinator the node that decides the view
 * @param voters the voters, if there are any
 * @param notVoting the voters whose votes do not count yet
 * @param links the links to other members
 * @param reachability how it reaches them; empty of an older release
 * @param elections the elections; empty of an older release
 * @param reasons what a person should look at
 */
record ClusterView(
        String coordinator,
        List<String> voters,
        List<String> notVoting,
        List<Link> links,
        Optional<Reachability> reachability,
        Optional<ElectionList> elections,
        List<String> reasons) {
    ClusterView {
        voters = Absent.orEmpty(voters);
        notVoting = Absent.orEmpty(notVoting);
        links = Absent.orEmpty(links);
        reachability = Absent.orEmpty(reachability);
        elections = Absent.orEmpty(elections);
        reasons = Absent.orEmpty(reasons);
    }
}
