package io.heliodor.dashboard;

import io.heliodor.inspect.TopicSize;
import java.util.List;

/**
 * The answer of a node to {@link Query#TOPICS}.
 *
 * @param topics its largest topics
 * @param total the number of topics found
 * @param complete whether all topics were read
 */
record TopicList(List<TopicSize> topics, int total, boolean complete) {
    TopicList {
        topics = Absent.orEmpty(topics);
    }
}
