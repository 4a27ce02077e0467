package io.heliodor.dashboard;

import io.heliodor.inspect.TraceTarget;

/**
 * The text of {@link Query#TRACE}.
 *
 * @param id the id of the trace
 * @param of whether a user or a topic is traced
 * @param text the id of the user, or the topic
 */
record TraceOrder(String id, Traced of, String text) {
    TraceTarget target() {
        return switch (of) {
            case USER -> new TraceTarget.User(text);
            case TOPIC -> new TraceTarget.OfTopic(text);
        };
    }
}
