package io.heliodor.channel;

/**
 * The decision of a handler: a {@link Reply}, none ({@link NoReply} of an event, {@link Reply#none()} of a call), or to {@link Stop}
 * its channel.
 *
 * @param <R> the type of the reply; {@code Void} for an event, which has none
 * @param <E> the type of an error's payload
 */
public sealed interface Outcome<R, E> permits Reply, Reply.None, NoReply, Stop {}
