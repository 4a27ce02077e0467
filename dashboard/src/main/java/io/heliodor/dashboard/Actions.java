package io.heliodor.dashboard;

import io.heliodor.channel.Channels;
import io.heliodor.channel.Outcome;
import io.heliodor.channel.Reply;
import io.heliodor.channel.Socket;
import io.heliodor.event.Empty;
import io.heliodor.event.Reason;
import io.heliodor.inspect.Operable;
import io.heliodor.observe.AuditEvent;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.engine.ClusterPubSub;
import io.heliodor.pubsub.engine.NodeId;
import io.heliodor.pubsub.engine.Nodes;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The actions of operators. Each is an audit event with its result, and without the switch none is executed. Users and members are reached by
 * {@link Channels} on all nodes; a connection and a drain by a request to their node, which needs the switch, too. A message is sent by
 * the page as a client, and is only allowed here. Any thread but an event loop may use it.
 */
final class Actions implements AutoCloseable {
    /** The actions are off on the node of the page. */
    static final String OFF = "off";

    /** The actions are off on the node of the target, or it has no dashboard. */
    static final String OFF_THERE = "off_there";

    /** There is no such connection, node or topic. */
    static final String NOT_FOUND = "not_found";

    /** The node of the target did not answer, and may have executed the action. */
    static final String NO_ANSWER = "no_answer";

    private static final String OK = "ok";
    private static final String FAILED = "failed";
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    private static final String DISCONNECT_CONNECTION = "disconnect_connection";
    private static final String DRAIN_NODE = "drain_node";

    private final PubSub pubsub;
    private final Nodes nodes;
    private final boolean on;
    private final PageSockets sockets;
    private final List<Subscription> handlers;

    /** Executes the actions of other nodes from now on, if they are on. */
    Actions(PubSub pubsub, PageSockets sockets, boolean on) {
        this.sockets = sockets;
        this.pubsub = pubsub;
        this.nodes = ClusterPubSub.nodesOf(pubsub.scope("heliodor.dashboard"));
        this.on = on;
        this.handlers = on
                ? List.of(
                        handle(DISCONNECT_CONNECTION, ConnectionTarget.class, this::disconnectHere),
                        handle(DRAIN_NODE, NodeTarget.class, _ -> drainHere()))
                : List.of();
    }

    private <T> Subscription handle(String name, Class<T> type, Predicate<T> executing) {
        return nodes.handle(
                name,
                request -> AnswerFormat.write(new ActionAnswer(executing.test(AnswerFormat.read(type, request)
                        .orElseThrow(
                                () -> new IOException("a request of " + request.length + " bytes is not a target"))))));
    }

    /** Whether actions are executed. */
    boolean areOn() {
        return on;
    }

    Outcome<Empty, Reason> disconnectUser(Socket<?> operator, UserTarget target) {
        return audited(operator, "disconnect_user", Map.of("user", target.id()), () -> {
            Channels.over(pubsub).disconnect(target.id());
            return OK;
        });
    }

    Outcome<Empty, Reason> removeMember(Socket<?> operator, MemberTarget target) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("user", target.id());
        fields.put("topic", target.topic());
        return audited(operator, "remove_member", fields, () -> {
            try {
                Channels.over(pubsub).remove(target.id(), target.topic());
                return OK;
            } catch (IllegalArgumentException e) {
                return NOT_FOUND; // not a topic
            }
        });
    }

    Outcome<Empty, Reason> disconnectConnection(Socket<?> operator, ConnectionTarget target) {
        Map<String, String> fields = new LinkedHashMap<>();
        target.id().ifPresent(id -> fields.put("user", id));
        fields.put("target", target.node());
        fields.put("connection", target.connection());
        return audited(
                operator,
                DISCONNECT_CONNECTION,
                fields,
                () -> on(target.node(), DISCONNECT_CONNECTION, target, () -> disconnectHere(target)));
    }

    Outcome<Empty, Reason> drainNode(Socket<?> operator, NodeTarget target) {
        return audited(
                operator,
                DRAIN_NODE,
                Map.of("target", target.node()),
                () -> on(target.node(), DRAIN_NODE, target, this::drainHere));
    }

    /** The sockets to which an operator may send messages. */
    Outcome<Sockets, Reason> sockets() {
        return on ? Reply.ok(sockets.read()) : Reply.error(OFF);
    }

    /** Allows one message. The page sends it as a client, for which the socket decides. */
    Outcome<Empty, Reason> tryMessage(Socket<?> operator, MessageTarget target) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("socket", target.socket());
        fields.put("topic", target.topic());
        fields.put("frame", target.event());
        return audited(operator, "try_message", fields, () -> sockets.reaches(target.socket()) ? OK : NOT_FOUND);
    }

    private boolean disconnectHere(ConnectionTarget target) {
        return Operable.over(pubsub).stream()
                        .mapToInt(each -> each.disconnectConnection(target.connection(), target.id()))
                        .sum()
                > 0;
    }

    private boolean drainHere() {
        // Each of them: a node may have several endpoints.
        return Operable.over(pubsub).stream().filter(Operable::beginDrain).count() > 0;
    }

    /** Executes an action on a node, and returns its result. */
    private String on(String node, String name, Object target, Supplier<Boolean> here) {
        if (node.equals(nodes.self().name())) {
            return result(here.get());
        }
        Optional<NodeId> found =
                nodes.others().stream().filter(each -> each.name().equals(node)).findFirst();
        if (found.isEmpty()) {
            return NOT_FOUND;
        }
        return switch (nodes.sendRequest(found.get(), name, AnswerFormat.write(target), TIMEOUT)) {
            case Nodes.RequestOutcome.Response(byte[] content) ->
                AnswerFormat.read(ActionAnswer.class, content)
                        .map(answer -> result(answer.found()))
                        .orElse(NO_ANSWER);
            case Nodes.RequestOutcome.NoHandler() -> OFF_THERE;
            case Nodes.RequestOutcome.NoResponse() -> NO_ANSWER;
        };
    }

    private static String result(boolean found) {
        return found ? OK : NOT_FOUND;
    }

    private Outcome<Empty, Reason> audited(
            Socket<?> operator, String action, Map<String, String> target, Supplier<String> executing) {
        String result = FAILED;
        try {
            result = on ? executing.get() : OFF;
        } finally {
            Map<String, String> fields = new LinkedHashMap<>();
            fields.put("address", operator.remoteAddress());
            fields.put("action", action);
            fields.put("result", result);
            fields.putAll(target);
            audit(AuditEvent.DASHBOARD_ACTION, fields);
        }
        return result.equals(OK) ? Reply.ok() : Reply.error(result);
    }

    /** Writes an audit event, that the page was requested with a wrong token. */
    void refused(String address) {
        audit(AuditEvent.DASHBOARD_REFUSED, Map.of("address", address));
    }

    private void audit(AuditEvent event, Map<String, String> fields) {
        Operable.over(pubsub).stream().findFirst().ifPresent(each -> each.audit(event, fields));
    }

    /** Executes no action of other nodes any more. */
    @Override
    public void close() {
        handlers.forEach(Subscription::close);
    }
}
