package io.heliodor.dashboard;

import java.util.List;
import java.util.function.BiFunction;

/**
 * A query to one node.
 *
 * @param name its name between nodes; a changed meaning needs a new one
 * @param type the type of its answer
 * @param answering makes the answer of a node for a text
 * @param <A> the type of its answer
 */
record Query<A>(String name, Class<A> type, BiFunction<LocalNode, String, A> answering) {
    static final Query<NodeReport> OVERVIEW = new Query<>("overview", NodeReport.class, (node, _) -> node.overview());
    static final Query<HandlerReport> HANDLERS =
            new Query<>("handlers", HandlerReport.class, (node, _) -> node.handlers());
    static final Query<EventReport> EVENTS = new Query<>("events", EventReport.class, (node, _) -> node.events());
    static final Query<SlowReport> SLOW = new Query<>("slow", SlowReport.class, (node, _) -> node.slow());
    static final Query<TopicList> TOPICS = new Query<>("topics", TopicList.class, LocalNode::topics);
    static final Query<TopicReport> TOPIC = new Query<>("topic", TopicReport.class, LocalNode::topic);
    static final Query<IdList> USERS = new Query<>("users", IdList.class, LocalNode::users);
    static final Query<UserReport> USER = new Query<>("user", UserReport.class, LocalNode::user);

    static final Query<TraceState> TRACE = new Query<>("trace", TraceState.class, LocalNode::trace);
    static final Query<FrameReport> FRAMES = new Query<>("frames", FrameReport.class, LocalNode::frames);
    static final Query<TraceState> UNTRACE = new Query<>("untrace", TraceState.class, LocalNode::untrace);

    static final List<Query<?>> ALL =
            List.of(OVERVIEW, HANDLERS, EVENTS, SLOW, TOPICS, TOPIC, USERS, USER, TRACE, FRAMES, UNTRACE);

    @Override
    public String toString() {
        return name;
    }
}
