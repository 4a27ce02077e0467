package io.heliodor.protocol;

/** How a request about a name ended. */
public sealed interface Answer {
    /**
     * The process has the name: all members of the view know it.
     *
     * @param claim what it has
     */
    record Held(Claim claim) implements Answer {}

    /**
     * Another process has the name.
     *
     * @param owner which
     */
    record Taken(Claim owner) implements Answer {}

    /** There are as many names as there may be. */
    record Full() implements Answer {}

    /** The name is free of this process: all members of the view know it. */
    record Released() implements Answer {}

    /** The process does not have the name, and does not wish for it. */
    record NotOwner() implements Answer {}

    /**
     * It was not answered in its time, or was overtaken: by a release, or by the end of the process. What was asked for
     * may have happened, or happen later. To ask again is safe, and says so.
     */
    record Unknown() implements Answer {}
}
