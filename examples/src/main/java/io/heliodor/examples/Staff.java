package io.heliodor.examples;

import static io.heliodor.examples.RoomEvents.NOTICE;

import io.heliodor.examples.RoomEvents.Notice;
import io.heliodor.group.Group;
import io.heliodor.group.GroupException;
import io.heliodor.group.GroupLimits;
import io.heliodor.group.Groups;
import io.heliodor.pubsub.PubSub;
import java.util.List;

/** Broadcasts to a group of topics. */
final class Staff {
    private Staff() {}

    static Groups groups(PubSub pubsub) {
        // @start region=groups
        Groups groups = Groups.over(pubsub);
        // @end
        return groups;
    }

    static Group create(Groups groups) {
        // @start region=create
        Group staff = groups.create("staff").add("room:ops").add("room:support");
        staff.broadcast(NOTICE, new Notice("disk full"));
        // @end
        return staff;
    }

    static void change(Group staff) {
        // @start region=change
        staff.addAll(List.of("room:day", "room:night"));
        staff.remove("room:ops");
        // @end
    }

    // @start region=ensure
    static void open(Groups groups, String customer, String room) {
        groups.ensure("customer:" + customer).add("room:" + room);
    }
    // @end

    // @start region=find
    static void tell(Groups groups, String customer, Notice notice) {
        groups.find("customer:" + customer).ifPresent(group -> group.broadcast(NOTICE, notice));
    }
    // @end

    // @start region=delete
    static boolean forget(Groups groups, String customer) {
        return groups.delete("customer:" + customer);
    }
    // @end

    // @start region=refused
    static String describe(GroupException refused) {
        return switch (refused) {
            case GroupException.Exists exists -> exists.group() + " is taken";
            case GroupException.Deleted deleted -> deleted.group() + " was deleted";
            case GroupException.TooMany tooMany -> "too many groups for " + tooMany.group();
            case GroupException.Full full -> full.group() + " has too many topics";
        };
    }
    // @end

    static Groups roomy(PubSub pubsub) {
        // @start region=limits
        Groups groups = Groups.over(pubsub, GroupLimits.defaults().maxGroups(5_000));
        // @end
        return groups;
    }
}
