package io.heliodor.node.membership;

import io.heliodor.membership.Member;
import io.heliodor.membership.MembershipEvent;
import io.heliodor.membership.MembershipEvent.Changed;
import io.heliodor.membership.MembershipEvent.Joined;
import io.heliodor.membership.MembershipEvent.Left;
import io.heliodor.membership.MembershipEvent.Merged;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Makes few membership events of many: those that lead to the same members with the same states. */
public final class MembershipChanges {
    /** The name and the incarnation of a node. */
    private record Incarnation(String node, long number) {
        static Incarnation of(Member member) {
            return new Incarnation(member.node(), member.incarnation());
        }
    }

    private MembershipChanges() {}

    /** At most two events for each incarnation, and the last merge. */
    public static List<MembershipEvent> coalesce(List<MembershipEvent> waiting) {
        Map<Incarnation, List<MembershipEvent>> changes = new LinkedHashMap<>();
        List<MembershipEvent> merged = new ArrayList<>();
        for (MembershipEvent event : waiting) {
            switch (event) {
                case Joined(Member member) -> add(changes, member, event);
                case Changed(Member member, var _) -> add(changes, member, event);
                case Left(Member member) -> add(changes, member, event);
                case Merged _ -> {
                    merged.clear();
                    merged.add(event);
                }
            }
        }
        return Stream.concat(changes.values().stream().flatMap(MembershipChanges::net), merged.stream())
                .toList();
    }

    private static void add(Map<Incarnation, List<MembershipEvent>> changes, Member member, MembershipEvent event) {
        changes.computeIfAbsent(Incarnation.of(member), _ -> new ArrayList<>()).add(event);
    }

    /** The fewest events from the state before the first of these, of one incarnation, to the state after the last. */
    private static Stream<MembershipEvent> net(List<MembershipEvent> events) {
        MembershipEvent first = events.getFirst();
        return switch (events.getLast()) {
            case Left left -> first instanceof Joined ? Stream.of() : Stream.of(left);
            case Joined joined -> present(first, joined.member(), events);
            case Changed changed -> present(first, changed.member(), events);
            case Merged merged -> Stream.of(merged);
        };
    }

    private static Stream<MembershipEvent> present(MembershipEvent first, Member now, List<MembershipEvent> events) {
        if (first instanceof Joined) {
            return Stream.of(new Joined(now));
        }
        for (MembershipEvent event : events) {
            if (event instanceof Left left) {
                return Stream.of(left, new Joined(now));
            }
        }
        return first instanceof Changed(var _, var before) && before != now.status()
                ? Stream.of(new Changed(now, before))
                : Stream.of();
    }
}
