package io.heliodor.dashboard;

/**
 * The numbers of a node: those of its endpoints together.
 *
 * @param connections open connections
 * @param channels channels joined or joining
 * @param topics topics with members or a history
 * @param opened connections opened since the start
 * @param framesIn frames read since the start
 * @param framesOut frames sent since the start
 * @param bytesIn bytes of messages read since the start
 * @param bytesOut bytes of frames sent since the start
 * @param mailboxMessages messages that wait for handlers
 * @param pausedConnections connections that are not read
 * @param oldestHandlerSeconds the run time of the oldest running handler
 * @param outboxBytes bytes that wait for clients
 * @param laneBytes bytes that the event loops have to write
 * @param memoryUsed heap held for clients, in bytes
 * @param memoryLimit the limit for it
 */
record Numbers(
        long connections,
        long channels,
        long topics,
        long opened,
        long framesIn,
        long framesOut,
        long bytesIn,
        long bytesOut,
        long mailboxMessages,
        long pausedConnections,
        long oldestHandlerSeconds,
        long outboxBytes,
        long laneBytes,
        long memoryUsed,
        long memoryLimit) {}
