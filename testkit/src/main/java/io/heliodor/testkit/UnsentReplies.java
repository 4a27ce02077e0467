package io.heliodor.testkit;

import io.heliodor.channel.Context;
import io.heliodor.channel.DeferredReply;
import io.heliodor.channel.Reply;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * The deferred replies that handlers have taken and not sent, of channels that have not ended. It does not refer to the
 * replies themselves, so a server still detects that one is garbage. Any thread may use it.
 */
final class UnsentReplies {
    private final Set<Due> due = ConcurrentHashMap.newKeySet();
    private final ClientsBySocket clients;

    UnsentReplies(ClientsBySocket clients) {
        this.clients = clients;
    }

    /** One reply that is due. Equal only to itself. */
    private static final class Due {
        private final Context<?, ?> channel;
        private final String text;

        Due(Context<?, ?> channel, String text) {
            this.channel = channel;
            this.text = text;
        }
    }

    /** A handler that gets a reply. */
    interface Work<R, E> {
        void run(DeferredReply<R, E> reply) throws Exception;
    }

    /** Runs a handler, with a reply that counts as due until it was sent or the handler throws. */
    <R, E> void run(String call, Context<?, ?> channel, DeferredReply<R, E> reply, Work<R, E> handler)
            throws Exception {
        Due entry = new Due(
                channel,
                "the deferred reply to the call '" + call + "' on " + channel.topic() + ", for the client "
                        + clients.name(channel.socket()));
        due.add(entry);
        boolean returned = false;
        try {
            handler.run(new Recorded<>(reply, () -> due.remove(entry)));
            returned = true;
        } finally {
            if (!returned) {
                due.remove(entry);
            }
        }
    }

    /** A channel has ended, so no client waits for its replies. */
    void ended(Context<?, ?> channel) {
        due.removeIf(each -> each.channel.equals(channel));
    }

    /** The replies that are due, as text; empty if there are none. */
    String text() {
        return due.stream().map(each -> each.text).sorted().collect(Collectors.joining("; "));
    }

    private record Recorded<R, E>(DeferredReply<R, E> reply, Runnable sent) implements DeferredReply<R, E> {
        @Override
        public void send(Reply<R, E> with) {
            reply.send(with);
            sent.run();
        }

        @Override
        public void sendWhenComplete(CompletionStage<? extends Reply<R, E>> with) {
            reply.sendWhenComplete(with);
            var _ = with.whenComplete((_, _) -> sent.run());
        }
    }
}
