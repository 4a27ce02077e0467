package io.heliodor.client;

/**
 * The counters of a client since it was built, read one after the other. Numbers never decrease, except for the last three, which are
 * present numbers.
 *
 * @param connections connections that were established
 * @param failedAttempts attempts that failed before the connection was established, and refusals, also those of open connections
 * @param silentConnections connections that were closed because no frame followed a heartbeat
 * @param framesReceived frames received
 * @param framesSent frames sent
 * @param malformedFrames messages of the server that were not frames of the protocol
 * @param oversizedMessages messages of the server that were larger than {@code maxMessageBytes}, so that they were dropped
 * @param staleFrames frames of memberships that have ended, and kept messages during a join, which come again
 * @param failedJoins joins that were refused or not answered in time
 * @param gaps gaps in histories, and oversized messages of joined channels
 * @param rejectedPushes pushes that were not accepted, because too many messages wait, or the channel is over
 * @param droppedPushes pushes that were accepted and not sent: their join took too long, or their channel ended
 * @param rejectedCalls calls that were not accepted, because too many wait
 * @param repeatedCalls requests of calls with a key that were sent again
 * @param invalidPayloads payloads that do not fit the type of their callback or call
 * @param failedCallbacks exceptions of callbacks
 * @param pauses times that reading was paused, because callbacks did not keep up
 * @param waitingMessages pushes and requests of calls that wait to be sent
 * @param waitingBytes their bytes
 * @param pendingCalls calls without a result
 */
public record ClientCounters(
        long connections,
        long failedAttempts,
        long silentConnections,
        long framesReceived,
        long framesSent,
        long malformedFrames,
        long oversizedMessages,
        long staleFrames,
        long failedJoins,
        long gaps,
        long rejectedPushes,
        long droppedPushes,
        long rejectedCalls,
        long repeatedCalls,
        long invalidPayloads,
        long failedCallbacks,
        long pauses,
        int waitingMessages,
        long waitingBytes,
        int pendingCalls) {}
