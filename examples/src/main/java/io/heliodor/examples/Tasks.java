package io.heliodor.examples;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.event.Call;
import io.heliodor.event.Event;
import io.heliodor.event.Reason;
import java.util.List;

/** A list of tasks: a page gets its state with the reply to its join, then each change. */
final class Tasks {
    private Tasks() {}

    // @start region=events
    record Task(long id, String title) {}

    record State(List<Task> tasks) {}

    record Rename(long id, String title) {}

    static final Event<Task> CHANGED = Event.of("changed", Task.class);
    static final Call<Rename, Task, Reason> RENAME = Call.of("rename", Rename.class, Task.class);
    // @end

    /** The database. */
    interface Store {
        List<Task> read(String list);

        /** Commits the title. */
        Task rename(String list, Rename rename);
    }

    static Channel<Object, String> channel(Store store) {
        // @start region=state
        return Channel.join(join -> Join.ok(join.subtopic(), new State(store.read(join.subtopic()))))
                .answer(RENAME, (rename, list) -> {
                    synchronized (store) { // broadcast in the order of the commits
                        Task task = store.rename(list.assigns(), rename);
                        list.broadcast(CHANGED, task);
                        return Reply.ok(task);
                    }
                })
                .build();
        // @end
    }
}
