package io.heliodor.node;

import io.heliodor.membership.Membership.Following;
import io.heliodor.process.Name;
import io.heliodor.process.Pid;
import io.heliodor.process.ProcessGroup;
import io.heliodor.pubsub.Type;
import java.util.List;
import java.util.function.Consumer;

/** One process group, as this node sees it. */
record ClusterGroup<M>(ClusterGroups groups, Name<M> group, Addresses addresses) implements ProcessGroup<M> {
    @Override
    public String name() {
        return group.value();
    }

    @Override
    public void join(Pid<M> pid) {
        groups.join(group.value(), pid);
    }

    @Override
    public void leave(Pid<M> pid) {
        groups.leave(group.value(), pid);
    }

    @Override
    public List<Pid<M>> members() {
        return groups.pids(group);
    }

    @Override
    public List<Pid<M>> localMembers() {
        return members().stream()
                .filter(pid -> addresses.peer(pid).equals(groups.self()))
                .toList();
    }

    @Override
    public int broadcast(M message) {
        return addresses.sendAll(members(), message);
    }

    @Override
    public int broadcastFrom(Pid<M> sender, M message) {
        return addresses.sendAll(
                members().stream().filter(pid -> !pid.equals(sender)).toList(), message);
    }

    @Override
    public Following subscribe(Consumer<? super GroupEvent<M>> listener) {
        Telling<GroupEvent<M>> telling = new Telling<>("group", new Type<GroupEvent<M>>() {});
        Following following = telling.add(listener);
        ClusterGroups.Listener hearing = new ClusterGroups.Listener() {
            @Override
            public void joined(ClusterGroups.Place place) {
                telling.tell(new GroupEvent.Joined<>(addresses.pid(place.peer(), place.process(), group.type())));
            }

            @Override
            public void left(ClusterGroups.Place place) {
                telling.tell(new GroupEvent.Left<>(addresses.pid(place.peer(), place.process(), group.type())));
            }
        };
        groups.listen(group.value(), hearing);
        return () -> {
            groups.unlisten(group.value(), hearing);
            following.close();
        };
    }
}
