package io.heliodor.load;

import io.heliodor.client.socket.ClientSocket;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/** A socket that reports the status of its handshake, the messages that it receives, and its close code. */
record CountedSocket(ClientSocket socket, IntConsumer onFailed, Consumer<byte[]> onText, IntConsumer onClosed)
        implements ClientSocket {
    @Override
    public void connect(Handshake handshake, Listener listener) {
        socket.connect(handshake, new Listener() {
            @Override
            public void opened() {
                listener.opened();
            }

            @Override
            public void failed(Failure failure) {
                onFailed.accept(failure.status());
                listener.failed(failure);
            }

            @Override
            public void received(boolean isBinary, byte[] message) {
                if (!isBinary) {
                    onText.accept(message);
                }
                listener.received(isBinary, message);
            }

            @Override
            public void oversized(boolean isBinary, byte[] head) {
                listener.oversized(isBinary, head);
            }

            @Override
            public void sent() {
                listener.sent();
            }

            @Override
            public void closed(int code, String reason) {
                onClosed.accept(code);
                listener.closed(code, reason);
            }
        });
    }

    @Override
    public void send(boolean isBinary, ByteBuffer message) {
        socket.send(isBinary, message);
    }

    @Override
    public void request() {
        socket.request();
    }

    @Override
    public void close(int code, String reason) {
        socket.close(code, reason);
    }
}
