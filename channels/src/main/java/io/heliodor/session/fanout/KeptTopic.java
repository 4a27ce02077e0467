package io.heliodor.session.fanout;

import io.heliodor.session.replication.KeptLog;

/** A topic with a history, as the budget of all histories of an endpoint uses it. Any thread may use it. */
interface KeptTopic extends KeptLog<KeptBroadcast> {
    /** The bytes that the history keeps. */
    long historyBytes();

    /** Drops the older half of the history. False if nothing is left. */
    boolean shrinkHistory();

    /** Gives the history up, unless members came back. */
    void forget();

    /** Drops what is older than the history keeps. Called every second or so. */
    void sweep(long now);
}
