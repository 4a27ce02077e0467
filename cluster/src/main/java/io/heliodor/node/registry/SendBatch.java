package io.heliodor.node.registry;

import io.heliodor.link.Time;
import io.heliodor.process.Pid;
import io.heliodor.process.Registry;
import io.heliodor.process.Registry.Addressed;
import io.heliodor.process.Registry.Sent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Sends messages to several names, one after the other, with one timeout for all. */
public record SendBatch(Registry registry, Time time) {
    private static final long TIMEOUT = Duration.ofSeconds(1).toNanos();

    public List<Sent> send(List<? extends Addressed<?>> messages) {
        long begin = time.nanos();
        List<Sent> results = new ArrayList<>(messages.size());
        for (Addressed<?> each : List.copyOf(messages)) {
            results.add(send(each, time.nanos() - begin < TIMEOUT));
        }
        return List.copyOf(results);
    }

    private <M> Sent send(Addressed<M> each, boolean mayWait) {
        Optional<Pid<M>> found = registry.lookupLocal(each.name());
        if (found.isEmpty()) {
            return new Sent.NoProcess();
        }
        Pid<M> pid = found.get();
        try {
            boolean sent = mayWait ? pid.send(each.message()) : pid.trySend(each.message());
            return sent ? new Sent.Ok() : new Sent.NotSent(pid.node());
        } catch (IllegalArgumentException e) {
            return new Sent.Refused(e);
        }
    }
}
