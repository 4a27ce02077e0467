package io.heliodor.interop.attack;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A WebSocket client. All methods are called on the thread of its reactor. */
final class Client implements Connection.Listener {
    private static final int SMALL_BUFFER = 64 << 10;
    private static final int TINY_BUFFER = 4 << 10;
    private static final String END_OF_HEAD = "\r\n\r\n";

    private final int port;
    private final String user;
    private final Set<Trait> traits;
    private final Handler handler;
    private final Connection connection;
    private final MessageReader reader = new MessageReader(this::complete);
    private final StringBuilder head = new StringBuilder();
    private Consumer<MessageReader> onMessage = message -> {};
    private boolean open;
    private int closeCode;

    /** The code of a client whose handshake was refused. */
    static final int REFUSED = -1;

    /** The code of a client whose connection was lost before its handshake was answered. */
    static final int UNANSWERED = -2;

    /** A difference from a usual client. */
    enum Trait {
        /** The kernel keeps 64 KiB for the client at most. */
        SMALL_BUFFER,
        /** The client reads nothing after the handshake, and the kernel keeps hardly anything for it. */
        DEAF,
        /** The client offers permessage-deflate. */
        DEFLATE
    }

    /** Receives the events of a client. */
    interface Handler {
        void opened(Client client);

        /**
         * The server has closed or refused the connection.
         *
         * @param code of the close frame; 0 without one; {@link #REFUSED} or {@link #UNANSWERED} if there was no WebSocket
         */
        void closed(Client client, int code);
    }

    Client(Reactor reactor, int port, Set<Trait> traits, Handler handler) {
        this(reactor, port, "", traits, handler);
    }

    /**
     * Opens a connection.
     *
     * @param user whose connection it is; empty for nobody's
     */
    Client(Reactor reactor, int port, String user, Set<Trait> traits, Handler handler) {
        this.port = port;
        this.user = user;
        this.traits = traits;
        this.handler = handler;
        connection = Connection.open(reactor, port, receiveBuffer(traits), this);
    }

    private static int receiveBuffer(Set<Trait> traits) {
        return traits.contains(Trait.DEAF) ? TINY_BUFFER : traits.contains(Trait.SMALL_BUFFER) ? SMALL_BUFFER : 0;
    }

    Connection connection() {
        return connection;
    }

    /** Passes each text message to a consumer. */
    void onMessage(Consumer<MessageReader> consumer) {
        onMessage = consumer;
    }

    void send(ByteBuffer frame) {
        connection.write(frame.duplicate());
    }

    /** Sends frames as fast as the socket takes them, until the source has none. */
    void sendFrom(Supplier<@Nullable ByteBuffer> frames) {
        connection.writeFrom(() -> {
            ByteBuffer next = frames.get();
            return next == null ? null : next.duplicate();
        });
    }

    /** Sends one frame again and again, as fast as the socket takes it. */
    void flood(ByteBuffer frame) {
        sendFrom(() -> frame);
    }

    @Override
    public void connected() {
        String deflate = traits.contains(Trait.DEFLATE)
                ? "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
                : "";
        connection.write(ByteBuffer.wrap(("GET /"
                        + (user.isEmpty() ? "socket/websocket?" : "named/websocket?user_id=" + user + "&") + "vsn=2.0.0"
                        + " HTTP/1.1\r\nHost: 127.0.0.1:" + port
                        + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" + deflate + "\r\n")
                .getBytes(UTF_8)));
    }

    @Override
    public void received(ByteBuffer bytes) {
        if (!open) {
            upgrade(bytes);
        }
        if (open && !connection.isClosed()) {
            reader.feed(bytes);
        }
    }

    private void upgrade(ByteBuffer bytes) {
        head.append(ISO_8859_1.decode(bytes.slice()));
        int end = head.indexOf(END_OF_HEAD);
        if (end < 0) {
            return;
        }
        if (!head.toString().startsWith("HTTP/1.1 101")) {
            connection.close();
            handler.closed(this, REFUSED);
            return;
        }
        int after = head.length() - end - END_OF_HEAD.length();
        bytes.position(bytes.limit() - after);
        open = true;
        connection.reading(!traits.contains(Trait.DEAF));
        handler.opened(this);
    }

    private void complete() {
        if (reader.opcode() == MessageReader.CLOSE) {
            closeCode = reader.closeCode();
            connection.close();
            handler.closed(this, closeCode);
        } else if (reader.opcode() == MessageReader.TEXT) {
            onMessage.accept(reader);
        }
    }

    @Override
    public void lost() {
        handler.closed(this, open ? closeCode : UNANSWERED);
    }
}
