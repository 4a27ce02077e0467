package io.heliodor.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A server with one room that makes mistakes on request; a thread for each connection. */
final class FakeServer implements AutoCloseable {
    private static final Pattern MESSAGE =
            Pattern.compile("\\[(\"\\w+\"|null),(\"\\w+\"),\"([^\"]+)\",\"([^\"]+)\",(.*)]");

    private static final Pattern USER = Pattern.compile("\\{\"user\":\"([^\"]+)\"}");

    /** The mistakes of the server; the defaults are right. */
    interface Mistakes {
        /** The number of copies of a delivery: the {@code count}-th one to this member. */
        default int copies(int member, int count) {
            return 1;
        }

        /** The code with which a member is closed before this delivery, 0 for none. */
        default int closeBefore(int member, int count) {
            return 0;
        }

        /** Whether a member gets the join of a user. */
        default boolean getsJoin(int member, String user) {
            return true;
        }

        default String joinReply(int member) {
            return "{\"status\":\"ok\",\"response\":{}}";
        }
    }

    private final ServerSocket listener = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    private final Mistakes mistakes;
    private final List<Member> room = new ArrayList<>();
    private final AtomicInteger heartbeats = new AtomicInteger();

    FakeServer(Mistakes mistakes) throws IOException {
        this.mistakes = mistakes;
        Thread.ofVirtual().start(this::accept);
    }

    Target target() {
        return Target.of("http://127.0.0.1:" + listener.getLocalPort());
    }

    int heartbeats() {
        return heartbeats.get();
    }

    private void accept() {
        try {
            for (int number = 0; true; number++) {
                Member member = new Member(listener.accept(), number);
                Thread.ofVirtual().start(member::serve);
            }
        } catch (IOException e) {
            // Closed by the test.
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        synchronized (room) {
            for (Member member : room) {
                member.socket.close();
            }
        }
    }

    private final class Member {
        private final Socket socket;
        /** In the order of connections: joins of several threads may come in another. */
        private final int number;

        private int deliveries;
        private @Nullable String user;
        private int ref;

        Member(Socket socket, int number) {
            this.socket = socket;
            this.number = number;
        }

        void serve() {
            try (socket) {
                DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
                upgrade(in);
                boolean goingOn = true;
                while (goingOn) {
                    goingOn = frame(in);
                }
            } catch (IOException e) {
                // The client went away.
            } finally {
                synchronized (room) {
                    room.remove(this);
                }
            }
        }

        private void upgrade(DataInputStream in) throws IOException {
            StringBuilder request = new StringBuilder();
            while (request.indexOf("\r\n\r\n") < 0) {
                request.append((char) in.readUnsignedByte());
            }
            String key = request.toString().replaceFirst("(?s).*Sec-WebSocket-Key: (\\S+).*", "$1");
            send(("HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: " + Handshake.acceptFor(key) + "\r\n\r\n")
                    .getBytes(US_ASCII));
        }

        private boolean frame(DataInputStream in) throws IOException {
            int opcode = in.readUnsignedByte() & 0x0f;
            int length = in.readUnsignedByte() & 0x7f;
            length = length == 126 ? in.readUnsignedShort() : length == 127 ? (int) in.readLong() : length;
            byte[] mask = in.readNBytes(4);
            byte[] payload = in.readNBytes(length);
            for (int i = 0; i < length; i++) {
                payload[i] ^= mask[i & 3];
            }
            if (opcode == Frames.CLOSE) {
                send(Frames.close(1000));
                return false;
            }
            if (opcode == Frames.TEXT) {
                message(new String(payload, UTF_8));
            }
            return true;
        }

        private void message(String text) throws IOException {
            Matcher message = MESSAGE.matcher(text);
            if (!message.matches()) {
                throw new IOException("no message: " + text);
            }
            switch (message.group(4)) {
                case "phx_join" -> join(message);
                case "phx_leave" -> leave(message);
                case "heartbeat" -> {
                    heartbeats.incrementAndGet();
                    reply(message, "{\"status\":\"ok\",\"response\":{}}");
                }
                case "echo" -> reply(message, "{\"status\":\"ok\",\"response\":" + message.group(5) + "}");
                case "shout" -> shout("[null,null,\"" + message.group(3) + "\",\"shout\"," + message.group(5) + "]");
                default -> throw new IOException("unexpected event: " + text);
            }
        }

        private void join(Matcher message) throws IOException {
            synchronized (room) {
                room.add(this);
                reply(message, mistakes.joinReply(number));
                Matcher entering = USER.matcher(message.group(5));
                if (entering.matches()) {
                    user = entering.group(1);
                    ref++;
                    push(message.group(1), message.group(3), "presence_state", all(null));
                    diff(message.group(3), "{\"joins\":" + all(user) + ",\"leaves\":{}}");
                }
            }
        }

        private void leave(Matcher message) throws IOException {
            synchronized (room) {
                diff(message.group(3), "{\"joins\":{},\"leaves\":" + all(user) + "}");
                room.remove(this);
                reply(message, "{\"status\":\"ok\",\"response\":{}}");
                push(message.group(1), message.group(3), "phx_close", "{}");
            }
        }

        /** Of all users, or of one. */
        private String all(@Nullable String one) {
            return room.stream()
                    .filter(member -> member.user != null && (one == null || one.equals(member.user)))
                    .map(member -> "\"%s\":{\"metas\":[{\"phx_ref\":\"%d.%d\"}]}"
                            .formatted(member.user, member.number, member.ref))
                    .collect(Collectors.joining(",", "{", "}"));
        }

        private void diff(String topic, String payload) throws IOException {
            for (Member member : List.copyOf(room)) {
                if (mistakes.getsJoin(member.number, String.valueOf(user))) {
                    member.push("null", topic, "presence_diff", payload);
                }
            }
        }

        private void push(String joinRef, String topic, String event, String payload) throws IOException {
            send(Frames.text(
                    ("[" + joinRef + ",null,\"" + topic + "\",\"" + event + "\"," + payload + "]").getBytes(UTF_8)));
        }

        private void shout(String text) {
            byte[] frame = Frames.text(text.getBytes(UTF_8));
            synchronized (room) {
                for (Member member : List.copyOf(room)) {
                    member.deliver(frame);
                }
            }
        }

        private void deliver(byte[] frame) {
            deliveries++;
            try {
                int code = mistakes.closeBefore(number, deliveries);
                if (code > 0) {
                    room.remove(this);
                    send(Frames.close(code));
                    return;
                }
                for (int i = mistakes.copies(number, deliveries); i > 0; i--) {
                    send(frame);
                }
            } catch (IOException e) {
                room.remove(this);
            }
        }

        private void reply(Matcher message, String payload) throws IOException {
            String reply = "[" + message.group(1) + "," + message.group(2) + ",\"" + message.group(3)
                    + "\",\"phx_reply\"," + payload + "]";
            send(Frames.text(reply.getBytes(UTF_8)));
        }

        private void send(byte[] bytes) throws IOException {
            OutputStream out = socket.getOutputStream();
            synchronized (out) {
                out.write(bytes);
            }
        }
    }
}
