package io.heliodor.dashboard;

/**
 * An event of a connection or a channel.
 *
 * @param number its number on its node, from 1
 * @param atMillis the time of the wall clock, in milliseconds since the epoch
 * @param kind {@code connected}, {@code disconnected}, {@code joined}, {@code join refused}, {@code left} or {@code request refused}
 * @param connection the correlation id of the connection; empty for a request that was refused
 * @param subject the id of a connection that opened, or the topic; empty without one
 * @param detail the reason or the close code; empty without one
 */
record LoggedEvent(long number, long atMillis, String kind, String connection, String subject, String detail) {}
