package io.heliodor.dashboard;

/**
 * The member of an action.
 *
 * @param id the id of its connections
 * @param topic the topic
 */
record MemberTarget(String id, String topic) {
    MemberTarget {
        Search.check("id", id);
        Search.check("topic", topic);
    }
}
