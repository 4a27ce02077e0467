package io.heliodor.dashboard;

import io.heliodor.inspect.KeptEvent;
import java.util.List;

/**
 * The reply to the call {@code topic}.
 *
 * @param topic the topic
 * @param total the number of members
 * @param nodes the nodes with members, and their numbers
 * @param members connections of members
 * @param kept the newest messages of its history, without payloads
 * @param present the number of keys by presence
 * @param keys the first keys that are present
 * @param silent the nodes without an answer
 */
record TopicDetails(
        String topic,
        int total,
        List<Count> nodes,
        List<Located> members,
        List<KeptEvent> kept,
        List<Count> present,
        List<PresentKey> keys,
        List<String> silent) {}
