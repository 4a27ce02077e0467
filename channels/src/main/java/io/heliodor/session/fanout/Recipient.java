package io.heliodor.session.fanout;

/** A member of a topic, as a broadcast names the one that does not get it. Compared by identity. */
public interface Recipient {}
