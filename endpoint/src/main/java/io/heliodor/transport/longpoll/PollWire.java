package io.heliodor.transport.longpoll;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import io.heliodor.binary.DecodeException;
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
        BinaryWriter out = new BinaryWriter(256);
        switch (this) {
            case Known(var session) -> out.put(KNOWN).object(session, PollWire::write);
            case Poll(var session, var request) ->
                out.put(POLL).object(session, PollWire::write).object(request, PollWire::write);
            case Leave(var request) -> out.put(LEAVE).object(request, PollWire::write);
            case Arriving(var session) -> out.put(ARRIVING).object(session, PollWire::write);
            case Post(var session, var request, var messages) -> {
                out.put(POST).object(session, PollWire::write).object(request, PollWire::write);
                messages.forEach(message -> out.bool(message.binary()).int32Bytes(message.bytes()));
            }
            case Answer answer ->
                out.put(ANSWER)
                        .int64(answer.number)
                        .int16(answer.status)
                        .bool(answer.last)
                        .int32(answer.offset)
                        .append(answer.text);
            case Taken(var request, var taken) ->
                out.put(TAKEN).object(request, PollWire::write).bool(taken);
        }
        return out.toBytes();
    }

    private static void write(Session session, BinaryWriter out) {
        out.modifiedText(session.token()).modifiedText(session.path());
    }

    private static void write(Request request, BinaryWriter out) {
        out.modifiedText(request.front()).int64(request.number());
    }

    /** Decodes a message. */
    static PollWire read(byte[] bytes) throws DecodeException {
        BinaryReader in = new BinaryReader(bytes);
        int kind = in.get();
        return switch (kind) {
            case KNOWN -> new Known(session(in));
            case POLL -> new Poll(session(in), request(in));
            case LEAVE -> new Leave(request(in));
            case POST -> new Post(session(in), request(in), messages(in));
            case ANSWER -> new Answer(in.int64(), in.int16(), in.bool(), in.int32(), in.rest());
            case TAKEN -> new Taken(request(in), in.bool());
            case ARRIVING -> new Arriving(session(in));
            default -> throw new DecodeException("a request of kind " + kind);
        };
    }

    private static Session session(BinaryReader in) throws DecodeException {
        return new Session(in.modifiedText(), in.modifiedText());
    }

    private static Request request(BinaryReader in) throws DecodeException {
        return new Request(in.modifiedText(), in.int64());
    }

    private static List<PollBody.Message> messages(BinaryReader in) throws DecodeException {
        List<PollBody.Message> messages = new ArrayList<>();
        while (in.more()) {
            messages.add(new PollBody.Message(in.bool(), in.int32Bytes()));
        }
        return messages;
    }
}
