package io.heliodor.channel;

/**
 * What a handler decided: to {@link Reply reply}, to say {@link NoReply nothing}, or to {@link Stop stop} its channel.
 *
 * @param <R> the type of the reply; {@code Void} where none is due
 */
public sealed interface Outcome<R> permits Reply, NoReply, Stop {}
