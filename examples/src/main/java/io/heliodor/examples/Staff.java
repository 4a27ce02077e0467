package io.heliodor.examples;

import static io.heliodor.examples.RoomEvents.NOTICE;

import io.heliodor.endpoint.Endpoint;
import io.heliodor.examples.RoomEvents.Notice;
import io.heliodor.group.Group;
import io.heliodor.group.GroupException;
import io.heliodor.group.Groups;
import io.heliodor.limit.Limits;
import java.util.List;

/** Topics that are spoken to together. */
final class Staff {
    private Staff() {}

    static Group create(Endpoint endpoint) {
        // @start region=create
        Group staff = endpoint.groups().create("staff").add("room:ops").add("room:support");
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

    static Limits limits() {
        // @start region=limits
        Limits limits = Limits.defaults().groups(5_000, 200);
        // @end
        return limits;
    }
}
