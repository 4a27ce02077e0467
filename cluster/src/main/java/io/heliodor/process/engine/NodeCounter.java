package io.heliodor.process.engine;

/**
 * The counters of processes, calls and messages of a node. {@code Statistic} has a constant of the same name, with the description, for
 * each.
 */
public enum NodeCounter {
    INBOX_DROPPED,
    NO_PROCESS,
    UNDECODABLE,
    UNSENT,
    LATE_ANSWERS,
    REPEATED_ANSWERS,
    OVER_LIMIT,
    PROCESSES_FAILED,
    INTERRUPTED,
    BUSY,
    INTEREST_LATE,
    TOPICS_UNLISTED,
    PUBLISH_LOST,
    PUBLISH_UNDELIVERED,
    PUBLISH_UNREADABLE,
    MESSAGES_MALFORMED,
    EVENTS_COALESCED
}
