package io.heliodor.session.retention;

import io.heliodor.channel.History;
import java.util.Optional;

/** The histories that the channels of one endpoint declare. Any thread may use it. */
public interface DeclaredHistories {
    /**
     * The history of a topic: that of the first socket whose channel keeps one.
     *
     * @param topic the topic
     * @return empty if no channel keeps one
     */
    Optional<History> history(String topic);

    /**
     * The history of a topic if it keeps an event. Fast for events that no history keeps.
     *
     * @param topic the topic
     * @param event the name of the event
     * @return empty if no channel keeps it
     */
    Optional<History> history(String topic, String event);
}
