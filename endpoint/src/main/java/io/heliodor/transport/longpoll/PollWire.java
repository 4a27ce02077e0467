package io.heliodor.transport.longpoll;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** The messages between endpoints about long-polling clients, see {@code docs/design/longpoll.md}. */
sealed interface PollWire {
    /** A session by its token and path. */
    record Session(String token, String path) {}

    /** A client's request that waits at an endpoint, the front. */
    record Request(String front, long number) {}

    /** A message of a front to the owner of a session. */
    sealed interface ToOwner extends PollWire {}

    /** Requests whether the session exists. */
    record Known(Session session) implements ToOwner {}

    /** Parks a poll until there are messages. */
    record Poll(Session session, Request request) implements ToOwner {}

    /** Cancels a poll whose client has disconnected. */
    record Leave(Request request) implements ToOwner {}

    /** Reports that a part of the body of a POST has arrived, and that more follow. */
    record Arriving(Session session) implements ToOwner {}

    /** A part of the messages of a POST. */
    record Post(Session session, Request request, List<PollBody.Message> messages) implements ToOwner {}

    /**
     * A part of the response to a request.
     *
     * @param offset the offset of the part in the whole text
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Answer(long number, int status, boolean last, int offset, byte[] text) implements PollWire {}

    /** Acknowledges a response: whether the socket took it. */
    record Taken(Request request, boolean taken) implements ToOwner {}

    /** The first byte, the type of the message. A changed format gets a new number. */
    int KNOWN = 1;

    int POLL = 2;
    int LEAVE = 3;
    int POST = 4;
    int ANSWER = 5;
    int TAKEN = 6;
    int ARRIVING = 7;

    /** Encodes a message. */
    default byte[] write() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            write(new DataOutputStream(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private void write(DataOutputStream out) throws IOException {
        switch (this) {
            case Known(var session) -> {
                out.write(KNOWN);
                write(out, session);
            }
            case Poll(var session, var request) -> {
                out.write(POLL);
                write(out, session);
                write(out, request);
            }
            case Leave(var request) -> {
                out.write(LEAVE);
                write(out, request);
            }
            case Arriving(var session) -> {
                out.write(ARRIVING);
                write(out, session);
            }
            case Post(var session, var request, var messages) -> {
                out.write(POST);
                write(out, session);
                write(out, request);
                for (PollBody.Message message : messages) {
                    out.writeBoolean(message.binary());
                    out.writeInt(message.bytes().length);
                    out.write(message.bytes());
                }
            }
            case Answer answer -> {
                out.write(ANSWER);
                out.writeLong(answer.number);
                out.writeShort(answer.status);
                out.writeBoolean(answer.last);
                out.writeInt(answer.offset);
                out.write(answer.text);
            }
            case Taken(var request, var taken) -> {
                out.write(TAKEN);
                write(out, request);
                out.writeBoolean(taken);
            }
        }
    }

    private static void write(DataOutputStream out, Session session) throws IOException {
        out.writeUTF(session.token());
        out.writeUTF(session.path());
    }

    private static void write(DataOutputStream out, Request request) throws IOException {
        out.writeUTF(request.front());
        out.writeLong(request.number());
    }

    /** Decodes a message. */
    static PollWire read(byte[] bytes) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
        int kind = in.readUnsignedByte();
        return switch (kind) {
            case KNOWN -> new Known(session(in));
            case POLL -> new Poll(session(in), request(in));
            case LEAVE -> new Leave(request(in));
            case POST -> new Post(session(in), request(in), messages(in));
            case ANSWER ->
                new Answer(in.readLong(), in.readUnsignedShort(), in.readBoolean(), in.readInt(), in.readAllBytes());
            case TAKEN -> new Taken(request(in), in.readBoolean());
            case ARRIVING -> new Arriving(session(in));
            default -> throw new IOException("a request of kind " + kind);
        };
    }

    private static Session session(DataInputStream in) throws IOException {
        return new Session(in.readUTF(), in.readUTF());
    }

    private static Request request(DataInputStream in) throws IOException {
        return new Request(in.readUTF(), in.readLong());
    }

    private static List<PollBody.Message> messages(DataInputStream in) throws IOException {
        List<PollBody.Message> messages = new ArrayList<>();
        while (in.available() > 0) {
            boolean binary = in.readBoolean();
            int length = in.readInt();
            if (length < 0 || length > in.available()) {
                throw new IOException("a message of " + length + " bytes");
            }
            messages.add(new PollBody.Message(binary, in.readNBytes(length)));
        }
        return messages;
    }
}
