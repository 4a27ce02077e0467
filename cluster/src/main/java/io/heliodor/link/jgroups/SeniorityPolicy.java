package io.heliodor.link.jgroups;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jgroups.Address;
import org.jgroups.stack.MembershipChangePolicy;

/**
 * Orders the members of a view by seniority: members keep their order, and new ones follow. When parts merge, the
 * largest part comes first, so that most members keep their coordinator. The policy of JGroups sorts the parts by the random addresses
 * of their coordinators.
 */
final class SeniorityPolicy implements MembershipChangePolicy {
    @Override
    public List<Address> getNewMembership(
            Collection<Address> current,
            Collection<Address> joiners,
            Collection<Address> leavers,
            Collection<Address> suspects) {
        Set<Address> members = new LinkedHashSet<>(current);
        leavers.forEach(members::remove);
        suspects.forEach(members::remove);
        members.addAll(joiners);
        return new ArrayList<>(members);
    }

    @Override
    public List<Address> getNewMembership(Collection<Collection<Address>> parts) {
        Set<Address> members = new LinkedHashSet<>();
        parts.stream()
                .sorted(Comparator.<Collection<Address>>comparingInt(Collection::size)
                        .reversed())
                .forEach(members::addAll);
        return new ArrayList<>(members);
    }
}
