package io.heliodor.interop.attack;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** A TCP connection that sends requests, or text that resembles them. */
final class RawClient implements Connection.Listener {
    private final Consumer<RawClient> opened;
    private final Consumer<RawClient> lost;
    private final Connection connection;
    private Consumer<String> onText = text -> {};

    RawClient(Reactor reactor, int port, Consumer<RawClient> opened, Consumer<RawClient> lost) {
        this.opened = opened;
        this.lost = lost;
        connection = Connection.open(reactor, port, 0, this);
    }

    Connection connection() {
        return connection;
    }

    /** Passes received bytes to a consumer, a character for each byte, in pieces as they come. */
    void onText(Consumer<String> consumer) {
        onText = consumer;
    }

    void send(String text) {
        connection.write(ByteBuffer.wrap(text.getBytes(ISO_8859_1)));
    }

    @Override
    public void connected() {
        opened.accept(this);
    }

    @Override
    public void received(ByteBuffer bytes) {
        onText.accept(ISO_8859_1.decode(bytes).toString());
    }

    @Override
    public void lost() {
        lost.accept(this);
    }
}
