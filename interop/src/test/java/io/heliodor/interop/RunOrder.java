package io.heliodor.interop;

/** The places of classes in the order in which a run begins them: long ones first, so that all workers end at nearly the same time. */
public final class RunOrder {
    /** The real clients. */
    public static final int LONGEST = 0;

    /** Classes during which no other nodes start, so that classes without nodes run meanwhile. */
    public static final int ALONE_WITH_NODES = 1;

    /** Classes that take long, and do not measure how long a ping takes. All others follow. */
    public static final int LONG = 2;

    private RunOrder() {}
}
