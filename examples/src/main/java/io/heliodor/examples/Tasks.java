package io.heliodor.examples;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.event.Call;
import io.heliodor.event.Event;
import io.heliodor.event.Reason;
import java.util.List;

/** A list of tasks: a page gets its state after each join, and its changes. A task has a version, by which the page keeps the newer one. */
final class Tasks {
    private Tasks() {}

    // @start region=events
    record Task(long id, String title, boolean removed, long version) {}

    record State(List<Task> tasks) {}

    record Rename(long id, String title) {}

    static final Event<State> STATE = Event.of("state", State.class);
    static final Event<Task> CHANGED = Event.of("changed", Task.class);
    static final Call<Rename, Task, Reason> RENAME = Call.of("rename", Rename.class, Task.class);
    // @end

    /** The database. */
    interface Store {
        List<Task> read(String list);

        /** Commits the title with the next version of the task. */
        Task rename(String list, Rename rename);
    }

    static Channel<Object, String> channel(Store store) {
        // @start region=state
        return Channel.join(join -> Join.ok(join.subtopic()))
                .onJoined(list -> list.push(STATE, new State(store.read(list.assigns()))))
                .answer(RENAME, (rename, list) -> {
                    Task task = store.rename(list.assigns(), rename); // committed before it is broadcast
                    list.broadcast(CHANGED, task);
                    return Reply.ok(task);
                })
                .build();
        // @end
    }
}
