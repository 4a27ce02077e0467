package io.heliodor.session.fanout;

import io.heliodor.channel.definition.ChannelDefinition;
import io.heliodor.channel.definition.Declarations;
import io.heliodor.channel.definition.SocketDefinition;
import io.heliodor.channel.definition.TopicPattern;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.type.Type;
import io.heliodor.type.text.Nearest;
import java.lang.reflect.ParameterizedType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * The messages that a channel or a socket may send, by its declarations. Immutable.
 *
 * <p>It is open without declarations: then nothing is checked.
 */
public final class SentMessages {
    /** Of a channel without declarations. */
    public static final SentMessages OPEN =
            new SentMessages("", false, List.of(), Set.of(), Set.of(), Set.of(), Optional.empty());

    private final String sender;
    private final boolean closed;
    private final Map<String, Event<?>> json = new HashMap<>();
    private final Map<String, Event<?>> binary = new HashMap<>();
    private final Set<Event<?>> received;
    private final Set<String> presences;
    private final Set<String> counts;
    private final Optional<Type<?>> joinReply;

    private SentMessages(
            String sender,
            boolean closed,
            List<Event<?>> events,
            Set<Event<?>> received,
            Set<String> presences,
            Set<String> counts,
            Optional<Type<?>> joinReply) {
        this.sender = sender;
        this.closed = closed;
        this.received = received;
        this.presences = presences;
        this.counts = counts;
        this.joinReply = joinReply;
        events.forEach(event -> (event.isBinary() ? binary : json).put(event.name(), event));
    }

    /** Those of a channel. */
    public static SentMessages of(TopicPattern pattern, ChannelDefinition<?, ?> channel) {
        Declarations declared = channel.declarations();
        return declared.areClosed()
                ? new SentMessages(
                        pattern.toString(),
                        true,
                        channel.sentEvents(),
                        channel.events().collect(Collectors.toUnmodifiableSet()),
                        declared.presences().keySet(),
                        declared.counts(),
                        declared.joinReply())
                : OPEN;
    }

    /** Those that a socket sends under the topic {@code phoenix}. */
    public static SentMessages of(SocketDefinition<?> socket) {
        return socket.sends()
                .map(events ->
                        new SentMessages("phoenix", true, events, Set.of(), Set.of(), Set.of(), Optional.empty()))
                .orElse(OPEN);
    }

    /** Whether it may send the declared messages alone. */
    public boolean isClosed() {
        return closed;
    }

    /** Whether an event is declared, or nothing is. */
    public boolean allows(Event<?> event) {
        if (!closed) {
            return true;
        }
        Event<?> declared = (event.isBinary() ? binary : json).get(event.name());
        return event.equals(declared);
    }

    /** Reports an event unless it is declared. */
    public void check(Event<?> event, Consumer<Undeclared> listener) {
        if (!allows(event)) {
            listener.accept(new Undeclared(sender, event.name(), text(event)));
        }
    }

    private String text(Event<?> event) {
        Event<?> declared = (event.isBinary() ? binary : json).get(event.name());
        String sent = who() + " sends the event '" + event.name() + "' with a payload of " + event.type();
        if (declared != null) {
            return sent + ", and its definition declares it with " + declared.type()
                    + "; send that type, or give one of the two events another name.";
        }
        if (received.contains(event)) {
            return sent
                    + ", which its definition receives with .on(...) and does not declare as sent; add .sends(...) with"
                    + " this event.";
        }
        return sent + ", which its definition does not declare; add .sends(...) with this event."
                + Nearest.of(event.name(), (event.isBinary() ? binary : json).keySet())
                        .map(meant -> " Did you mean '" + meant + "'?")
                        .orElse("");
    }

    private String who() {
        return sender.equals("phoenix") ? "A socket" : "Channel " + sender;
    }

    /** Reports presences that are sent under a name, unless the name is declared. */
    public void checkPresences(String name, Consumer<Undeclared> listener) {
        if (closed && !presences.contains(name)) {
            String add = name.equals(Declarations.OWN_PRESENCE)
                    ? ".presence(Meta.class)"
                    : ".follows(\"" + name + "\", Meta.class)";
            listener.accept(new Undeclared(
                    sender,
                    name + "_state",
                    who() + " sends presences as '" + name + "_state', which its definition does not declare; add "
                            + add + " with the class of the metas."));
        }
    }

    /** Reports a number of presences that is sent under a name, unless the name is declared. */
    public void checkCount(String name, Consumer<Undeclared> listener) {
        if (closed && !counts.contains(name)) {
            listener.accept(new Undeclared(
                    sender,
                    name + "_count",
                    who() + " sends a number of presences as '" + name
                            + "_count', which its definition does not declare; add .followsCount(\"" + name + "\")."));
        }
    }

    /** Reports the reply to a join unless its type is declared. */
    public void checkJoinReply(Object reply, Consumer<Undeclared> listener) {
        if (closed && !(joinReply.isEmpty() ? reply instanceof Empty : isOf(joinReply.get(), reply))) {
            listener.accept(new Undeclared(
                    sender,
                    "phx_reply",
                    who() + " replies to a join with " + reply.getClass().getName() + ", and its definition declares "
                            + joinReply.map(type -> "" + type).orElse("no reply")
                            + "; add .joinReply(...) with the class of its replies."));
        }
    }

    /** Whether a value is of a type, without its type arguments. */
    public static boolean isOf(Type<?> type, Object value) {
        return switch (type.type()) {
            case Class<?> plain -> plain.isInstance(value);
            case ParameterizedType generic -> generic.getRawType() instanceof Class<?> raw && raw.isInstance(value);
            default -> true;
        };
    }
}
