package io.heliodor.transport.longpoll;

import io.heliodor.transport.http.ConnectionPermits;
import io.heliodor.transport.http.HttpConnection;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A poll that a client sent to this endpoint. It holds the parameters and header lines of its request until its session has
 * parked it.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails ends the connection, which is noticed there
final class ReceivedPoll implements Poll {
    private final HttpConnection http;
    private final String token;
    private final boolean keepAlive;

    /** Keeps the head counted until it is dropped or the poll is answered. On the loop of the connection. */
    private ConnectionPermits.Permit hold;

    /** Opens a new session with the head of the request; null when that is dropped. On the loop of the connection. */
    private @Nullable Runnable connect;

    /**
     * A poll.
     *
     * @param token the token of its session
     * @param keepAlive whether the connection may be used again
     * @param hold keeps the request until its head is dropped or it is answered
     * @param connect opens a new session if that one has ended; called on the loop of the connection
     */
    ReceivedPoll(
            HttpConnection http, String token, boolean keepAlive, ConnectionPermits.Permit hold, Runnable connect) {
        this.http = http;
        this.token = token;
        this.keepAlive = keepAlive;
        this.connect = connect;
        this.hold = hold;
    }

    private void releaseHold() {
        hold.release();
        hold = ConnectionPermits.Unlimited.UNLIMITED;
    }

    @Override
    public void sessionEnded() {
        http.onLoop(() -> {
            if (connect == null) {
                // The session ended while its owner parked the poll: the client polls again, and gets a new one.
                answer(PollJson.poll(204, token, List.of()));
            } else {
                try {
                    connect.run();
                } finally {
                    releaseHold();
                }
            }
        });
    }

    @Override
    public void dropHead() {
        http.onLoop(() -> {
            connect = null;
            releaseHold();
            http.releaseHead();
        });
    }

    @Override
    public void onDisconnect(Runnable task) {
        http.onLoop(() -> http.park(task));
    }

    @Override
    public void answer(byte[] json, Consumer<Boolean> taken) {
        http.onLoop(() -> {
            releaseHold();
            http.respondPaced(PollRequest.response(json), keepAlive)
                    .addListener(sent -> taken.accept(sent.isSuccess()));
        });
    }
}
