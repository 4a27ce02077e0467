package io.heliodor.benchmarks;

/** The kinds of messages, by the way in which they come back. */
enum Traffic {
    /** A broadcast to every member. */
    SHOUT("room", "shout"),

    /** A broadcast to every member but its sender. */
    WHISPER("room", "whisper"),

    /** A broadcast that is dropped for clients that lag. */
    TYPING("desk", "typing"),

    /** A broadcast of which clients that lag get the newest. */
    CURSOR("desk", "cursor"),

    /** A broadcast to members that intercept another event. */
    NOTED("noted", "shout"),

    /** A broadcast that one of the members intercepts. */
    SEEN("seen", "shout"),

    /** A broadcast to every member that is kept for members that reconnect. */
    KEPT("history", "shout"),

    /** The same as a member of a room that shows who is present. */
    LOUNGE("lounge", "shout"),

    /** A request whose handler changes a presence of its topic. The number of the topic is that of its presences. */
    CHANGE("present", "change"),

    /** A message in the pub/sub, to which every channel is subscribed; each pushes it to its client. */
    PUBLISH("feed", "publish"),

    /** A request that its handler answers. */
    ECHO("room", "echo"),

    /** A request that its handler passes to its own channel as a message, whose handler answers it. */
    TELL("room", "tell"),

    /** A request that its handler passes to another client's channel. */
    TELL_NEXT("room", "tell_next");

    private final String prefix;
    private final String event;

    Traffic(String prefix, String event) {
        this.prefix = prefix;
        this.event = event;
    }

    String topic(int number) {
        return prefix + ":" + number;
    }

    /** The name of the event that is sent, and of the one that every member receives. */
    String event() {
        return event;
    }

    /** Whether the sender of a broadcast receives it too. */
    boolean reachesSender() {
        return this != WHISPER;
    }

    /** Whether it is a request, whose sender alone receives the reply. */
    boolean isRequest() {
        return this == ECHO || this == CHANGE || this == TELL || this == TELL_NEXT;
    }

    /** Whether a connection uses the socket whose channels intercept. */
    boolean intercepts(int connection) {
        return this == SEEN && connection == 0;
    }
}
