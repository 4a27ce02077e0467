package io.heliodor.node;

/**
 * A number that each node keeps. {@link Node#statistic} reads it. Heliodor's Micrometer module makes a meter of each.
 */
public enum Statistic {
    /** Nodes of the cluster that this node sees, itself among them. */
    MEMBERS(Kind.GAUGE, "Nodes of the cluster that this node sees, itself among them."),
    /** Members without contact for some time. */
    SUSPECTS(Kind.GAUGE, "Members without contact for some time."),
    /** Members that are reached through another one, because the link to them is broken. */
    DETOURS(Kind.GAUGE, "Members that are reached through another one, because the link to them is broken."),
    /** Names that processes of the cluster have, as far as this node knows. */
    NAMES(Kind.GAUGE, "Names that processes of the cluster have, as far as this node knows."),
    /** Voters in the list that is in force, as far as this node knows; 0 in a cluster without voters, and after the end of this node. */
    VOTERS(
            Kind.GAUGE,
            "Voters in the list that is in force, as far as this node knows; 0 in a cluster without voters, and after the end of this node."),
    /** Voters of the list whose votes the leader does not get. */
    VOTERS_LOST(Kind.GAUGE, "Voters of the list whose votes the leader does not get."),
    /** 1 while this node sees a majority of the voters. */
    VOTERS_QUORUM(Kind.GAUGE, "1 while this node sees a majority of the voters."),
    /** 1 while this node knows a leader of the voters. */
    VOTERS_LED(Kind.GAUGE, "1 while this node knows a leader of the voters."),
    /** Entries of the log that the slowest member lacks; 0 on nodes that do not lead the voters. */
    VOTERS_LAG(Kind.GAUGE, "Entries of the log that the slowest member lacks; 0 on nodes that do not lead the voters."),
    /** 1 while the settings of this node name other voters than the list in force. */
    VOTERS_OTHER_LIST(Kind.GAUGE, "1 while the settings of this node name other voters than the list in force."),
    /** 1 while a leader of another log than that of this node is a member. */
    VOTERS_OTHER_LOG(Kind.GAUGE, "1 while a leader of another log than that of this node is a member."),
    /** 1 if this node does not vote because its directory could not be written to. */
    VOTERS_DISK_FAILED(Kind.GAUGE, "1 if this node does not vote because its directory could not be written to."),
    /** 1 while this node does not vote because its directory lacked confirmed entries. */
    VOTERS_FILES_LOST(Kind.GAUGE, "1 while this node does not vote because its directory lacked confirmed entries."),
    /** Processes of this node. */
    PROCESSES(Kind.GAUGE, "Processes of this node."),
    /** Calls of this node that wait for an answer. */
    CALLS_WAITING(Kind.GAUGE, "Calls of this node that wait for an answer."),
    /** Calls of other nodes that this one has not answered. */
    CALLS_SERVED(Kind.GAUGE, "Calls of other nodes that this one has not answered."),
    /** Monitors of this node. */
    MONITORS(Kind.GAUGE, "Monitors of this node."),
    /** Monitors of other nodes on processes of this one. */
    MONITORS_SERVED(Kind.GAUGE, "Monitors of other nodes on processes of this one."),

    /** Sessions with other nodes that were opened. */
    SESSIONS_OPENED("Sessions with other nodes that were opened."),
    /** Sessions that ended because the peer did not have them, or not all of them. */
    SESSIONS_RESET("Sessions that ended because the peer did not have them, or not all of them."),
    /** Sessions that ended because too much waited for the peer. */
    SESSIONS_OVERFLOWED("Sessions that ended because too much waited for the peer."),
    /** Sessions that ended because the peer confirmed nothing for longer than failure detection takes. */
    SESSIONS_STALLED("Sessions that ended because the peer confirmed nothing for longer than failure detection takes."),
    /** Messages to other nodes that were handed to the network. */
    ENVELOPES_OUT("Messages to other nodes that were handed to the network."),
    /** Messages of other nodes that were received. */
    ENVELOPES_IN("Messages of other nodes that were received."),
    /** Bytes of the packets with messages to other nodes. */
    TRAFFIC_OUT("bytes", "Bytes of the packets with messages to other nodes."),
    /** Bytes of the packets with messages of other nodes. */
    TRAFFIC_IN("bytes", "Bytes of the packets with messages of other nodes."),
    /** Packets that were dropped: damaged, of no member, for another incarnation, of an ended session, or repeated. */
    PACKETS_REFUSED(
            "Packets that were dropped: damaged, of no member, for another incarnation, of an ended session, or repeated."),
    /** Packets of other nodes that this one sent on, because the link between those is broken. */
    PACKETS_FORWARDED("Packets of other nodes that this one sent on, because the link between those is broken."),
    /** Connections to the port that were closed during their handshake, because there were too many. */
    HANDSHAKES_DROPPED("Connections to the port that were closed during their handshake, because there were too many."),

    /** Subscriptions to topics that some node did not know of within a second: its messages may have been missed. */
    INTEREST_LATE(
            "Subscriptions to topics that some node did not know of within a second: its messages may have been missed."),
    /** Topics with subscriptions that were not listed by name: there were too many, or their names are too long. */
    TOPICS_UNLISTED(
            "Topics with subscriptions that were not listed by name: there were too many, or their names are too long."),
    /** Published messages that had no way to a node with subscribers. */
    PUBLISH_LOST("Published messages that had no way to a node with subscribers."),
    /** Published messages of other nodes that were dropped because an inline subscriber of this node blocks. */
    PUBLISH_UNDELIVERED(
            "Published messages of other nodes that were dropped because an inline subscriber of this node blocks."),
    /** Published messages that a subscriber of this node could not read. */
    PUBLISH_UNREADABLE("Published messages that a subscriber of this node could not read."),
    /** Invalid messages of other nodes. */
    MESSAGES_MALFORMED("Invalid messages of other nodes."),

    /** Events of groups, membership and conflicts that became obsolete while they waited for a slow listener. */
    EVENTS_COALESCED(
            "Events of groups, membership and conflicts that became obsolete while they waited for a slow listener."),

    /** Messages for processes whose inbox was full. */
    INBOX_DROPPED("Messages for processes whose inbox was full."),
    /** Messages for processes that are not here any more. */
    NO_PROCESS("Messages for processes that are not here any more."),
    /** Messages, requests and answers that could not be read. */
    UNDECODABLE("Messages, requests and answers that could not be read."),
    /** Messages that had no way to another node, or no room on it. */
    UNSENT("Messages that had no way to another node, or no room on it."),
    /** Answers that came after the timeout of their call. */
    LATE_ANSWERS("Answers that came after the timeout of their call."),
    /** Answers that were given again. */
    REPEATED_ANSWERS("Answers that were given again."),
    /** Calls, processes and monitors that were one too many. */
    OVER_LIMIT("Calls, processes and monitors that were one too many."),
    /** Processes that ended because their body threw. */
    PROCESSES_FAILED("Processes that ended because their body threw."),
    /** Children that a supervisor had to interrupt. */
    INTERRUPTED("Children that a supervisor had to interrupt."),
    /** Calls and casts of procedures for which there was no thread left. */
    BUSY("Calls and casts of procedures for which there was no thread left.");

    /** Whether a statistic can fall. */
    public enum Kind {
        /** The present amount: it rises and falls. */
        GAUGE,
        /** The amount since the start of the node: it never falls. */
        COUNTER
    }

    private final Kind kind;
    private final String unit;
    private final String description;

    Statistic(Kind kind, String unit, String description) {
        this.kind = kind;
        this.unit = unit;
        this.description = description;
    }

    Statistic(Kind kind, String description) {
        this(kind, "", description);
    }

    Statistic(String unit, String description) {
        this(Kind.COUNTER, unit, description);
    }

    Statistic(String description) {
        this("", description);
    }

    /**
     * Whether it can fall.
     *
     * @return gauge or counter
     */
    public Kind kind() {
        return kind;
    }

    /**
     * The unit.
     *
     * @return {@code bytes}; empty for a number of things
     */
    public String unit() {
        return unit;
    }

    /**
     * The description.
     *
     * @return one sentence
     */
    public String description() {
        return description;
    }
}
