package io.heliodor.history;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * The binary format of requests and responses of logs. Each message begins with its version. Any thread may use it.
 *
 * @param write encodes a content
 * @param read decodes a content; empty if the bytes are not one
 * @param <C> the type of the contents
 */
public record CatchUpFormat<C>(Function<C, byte[]> write, Function<byte[], Optional<C>> read) {
    private static final int VERSION = 1;

    /** Bits of a byte of a response: whether another part follows, and whether streams were retired. */
    private static final int MORE = 1;

    private static final int RETIRED = 2;

    /** The maximum id of a stream: 48 bits. */
    private static final long MAX_STREAM = (1L << 48) - 1;

    /** The maximum number of streams of a position or response: of all running logs, and of those of which messages are kept. */
    private static final int MAX_STREAMS = 4_096;

    private interface Writing {
        void to(DataOutputStream out) throws IOException;
    }

    private static byte[] written(Writing writing) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            DataOutputStream out = new DataOutputStream(bytes);
            out.write(VERSION);
            writing.to(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private interface Reading<T> {
        T from(DataInputStream in) throws IOException;
    }

    private static <T> Optional<T> read(byte[] bytes, Reading<T> reading) {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
        try {
            check(in.read() == VERSION);
            T result = reading.from(in);
            check(in.available() == 0);
            return Optional.of(result);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static void check(boolean fits) throws IOException {
        if (!fits) {
            throw new IOException("not of this format");
        }
    }

    private void write(HistoryMessage<C> message, DataOutputStream out) throws IOException {
        write(CausalStampFormat.write(message.stamp()), out);
        out.writeLong(message.age());
        write(write.apply(message.content()), out);
    }

    private HistoryMessage<C> message(DataInputStream in) throws IOException {
        byte[] bytes = bytes(in);
        Optional<CausalStamp> stamp = CausalStampFormat.read(bytes, 0, bytes.length);
        long age = positive(in);
        Optional<C> content = read.apply(bytes(in));
        check(stamp.isPresent() && content.isPresent());
        return new HistoryMessage<>(stamp.get(), content.get(), age);
    }

    private static void write(byte[] bytes, DataOutputStream out) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static byte[] bytes(DataInputStream in) throws IOException {
        int length = in.readInt();
        check(length >= 0 && length <= in.available());
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return bytes;
    }

    private static void write(LogLocation owner, DataOutputStream out) throws IOException {
        out.writeUTF(owner.node());
        out.writeShort(owner.number());
    }

    private static LogLocation owner(DataInputStream in) throws IOException {
        return new LogLocation(in.readUTF(), in.readUnsignedShort());
    }

    private static void write(Dot dot, DataOutputStream out) throws IOException {
        out.writeLong(dot.stream());
        out.writeLong(dot.counter());
    }

    private static CatchUpResponse.Stream stream(long id, DataInputStream in) throws IOException {
        long counter = positive(in);
        long floor = positive(in);
        return new CatchUpResponse.Stream(
                id, counter, floor, in.readBoolean() ? Optional.of(owner(in)) : Optional.empty());
    }

    private static Dot dot(DataInputStream in) throws IOException {
        return new Dot(stream(in), positive(in));
    }

    private static long stream(DataInputStream in) throws IOException {
        long stream = in.readLong();
        check(stream >= 0 && stream <= MAX_STREAM);
        return stream;
    }

    private static long positive(DataInputStream in) throws IOException {
        long number = in.readLong();
        check(number >= 0);
        return number;
    }

    private static int streams(DataInputStream in) throws IOException {
        int count = in.readUnsignedShort();
        check(count <= MAX_STREAMS);
        return count;
    }

    /**
     * Writes a request.
     *
     * @param request the request
     * @return its bytes
     */
    public static byte[] request(CatchUpRequest request) {
        return written(out -> {
            out.writeLong(request.own());
            write(request.owner(), out);
            VersionVector position = request.position();
            out.writeShort(position.size());
            for (int i = 0; i < position.size(); i++) {
                out.writeLong(position.stream(i));
                out.writeLong(position.counter(i));
            }
            out.writeBoolean(request.after().isPresent());
            if (request.after().isPresent()) {
                write(request.after().get(), out);
            }
        });
    }

    /**
     * Reads a request.
     *
     * @param bytes the bytes
     * @return the request; empty if the bytes are not a request
     */
    public static Optional<CatchUpRequest> request(byte[] bytes) {
        return read(bytes, in -> {
            long own = stream(in);
            LogLocation owner = owner(in);
            VersionVector position = VersionVector.NONE;
            for (int i = streams(in); i > 0; i--) {
                position = position.with(stream(in), positive(in));
            }
            Optional<Dot> after = in.readBoolean() ? Optional.of(dot(in)) : Optional.empty();
            return new CatchUpRequest(own, owner, position, after);
        });
    }

    /**
     * Writes a part of a response.
     *
     * @param response the part
     * @return its bytes
     */
    public byte[] response(CatchUpResponse<C> response) {
        return written(out -> {
            out.writeLong(response.own());
            out.writeShort(response.streams().size());
            for (CatchUpResponse.Stream stream : response.streams()) {
                out.writeLong(stream.id());
                out.writeLong(stream.counter());
                out.writeLong(stream.floor());
                out.writeBoolean(stream.owner().isPresent());
                if (stream.owner().isPresent()) {
                    write(stream.owner().get(), out);
                }
            }
            out.write((response.more() ? MORE : 0) | (response.retired().isEmpty() ? 0 : RETIRED));
            out.writeInt(response.messages().size());
            for (HistoryMessage<C> message : response.messages()) {
                write(message, out);
            }
            if (!response.retired().isEmpty()) {
                out.writeShort(response.retired().size());
            }
            for (CatchUpResponse.Retired each : response.retired()) {
                write(each.last(), out);
                write(each.by(), out);
            }
        });
    }

    /**
     * Reads a part of a response. It is refused if its own stream, or that of a message, is not in its list of streams.
     *
     * @param bytes the bytes
     * @return the part; empty if the bytes are not a response
     */
    public Optional<CatchUpResponse<C>> response(byte[] bytes) {
        return read(bytes, in -> {
            long own = stream(in);
            List<CatchUpResponse.Stream> streams = new ArrayList<>();
            Set<Long> named = new HashSet<>();
            for (int i = streams(in); i > 0; i--) {
                CatchUpResponse.Stream stream = stream(stream(in), in);
                check(stream.floor() <= stream.counter() && named.add(stream.id()));
                streams.add(stream);
            }
            check(named.contains(own));
            int flags = in.readUnsignedByte();
            boolean more = (flags & MORE) != 0;
            check(flags <= (MORE | RETIRED));
            int count = in.readInt();
            check(count >= 0 && count <= in.available() && !(more && count == 0));
            List<HistoryMessage<C>> messages = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                HistoryMessage<C> message = message(in);
                check(message.kept() && named.contains(message.dot().stream()));
                messages.add(message);
            }
            List<CatchUpResponse.Retired> retired = new ArrayList<>();
            int retirements = (flags & RETIRED) == 0 ? 0 : in.readUnsignedShort();
            check(retirements <= LogLimits.RETIRED);
            for (int i = 0; i < retirements; i++) {
                retired.add(new CatchUpResponse.Retired(dot(in), dot(in)));
            }
            return new CatchUpResponse<>(streams, own, messages, more, retired);
        });
    }
}
