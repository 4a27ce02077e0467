package io.heliodor.history;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import io.heliodor.binary.DecodeException;
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

    private static <T> Optional<T> read(byte[] bytes, BinaryReader.Decoder<T> decoder) {
        return BinaryReader.decode(bytes, in -> {
            in.version(VERSION);
            T result = decoder.read(in);
            in.end();
            return result;
        });
    }

    private static void check(boolean fits) throws DecodeException {
        if (!fits) {
            throw new DecodeException("not of this format");
        }
    }

    private void write(HistoryMessage<C> message, BinaryWriter out) {
        out.int32(CausalStampFormat.size(message.stamp()))
                .object(message.stamp(), CausalStampFormat::write)
                .int64(message.age())
                .int32Bytes(write.apply(message.content()));
    }

    private HistoryMessage<C> message(BinaryReader in) throws DecodeException {
        CausalStamp stamp = CausalStampFormat.read(in.part(in.int32Count(1)));
        long age = positive(in);
        Optional<C> content = read.apply(in.int32Bytes());
        check(content.isPresent());
        return new HistoryMessage<>(stamp, content.get(), age);
    }

    private static void write(LogLocation owner, BinaryWriter out) {
        out.modifiedText(owner.node()).int16(owner.number());
    }

    private static LogLocation owner(BinaryReader in) throws DecodeException {
        return new LogLocation(in.modifiedText(), in.int16());
    }

    private static void write(Dot dot, BinaryWriter out) {
        out.int64(dot.stream()).int64(dot.counter());
    }

    private static Dot dot(BinaryReader in) throws DecodeException {
        return new Dot(stream(in), positive(in));
    }

    private static long stream(BinaryReader in) throws DecodeException {
        long stream = in.int64();
        check(stream >= 0 && stream <= MAX_STREAM);
        return stream;
    }

    private static long positive(BinaryReader in) throws DecodeException {
        long number = in.int64();
        check(number >= 0);
        return number;
    }

    private static int streams(BinaryReader in) throws DecodeException {
        int count = in.int16();
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
        VersionVector position = request.position();
        BinaryWriter out = new BinaryWriter(64 + 16 * position.size())
                .put(VERSION)
                .int64(request.own())
                .object(request.owner(), CatchUpFormat::write)
                .int16(position.size());
        for (int i = 0; i < position.size(); i++) {
            out.int64(position.stream(i)).int64(position.counter(i));
        }
        return out.optional(request.after(), CatchUpFormat::write).toBytes();
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
            return new CatchUpRequest(own, owner, position, in.optional(CatchUpFormat::dot));
        });
    }

    /**
     * Writes a part of a response.
     *
     * @param response the part
     * @return its bytes
     */
    public byte[] response(CatchUpResponse<C> response) {
        BinaryWriter out = new BinaryWriter(256)
                .put(VERSION)
                .int64(response.own())
                .int16(response.streams().size());
        for (CatchUpResponse.Stream stream : response.streams()) {
            out.int64(stream.id())
                    .int64(stream.counter())
                    .int64(stream.floor())
                    .optional(stream.owner(), CatchUpFormat::write);
        }
        out.put((response.more() ? MORE : 0) | (response.retired().isEmpty() ? 0 : RETIRED))
                .int32(response.messages().size());
        response.messages().forEach(message -> write(message, out));
        if (!response.retired().isEmpty()) {
            out.int16(response.retired().size());
        }
        for (CatchUpResponse.Retired each : response.retired()) {
            write(each.last(), out);
            write(each.by(), out);
        }
        return out.toBytes();
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
                CatchUpResponse.Stream stream = new CatchUpResponse.Stream(
                        stream(in), positive(in), positive(in), in.optional(CatchUpFormat::owner));
                check(stream.floor() <= stream.counter() && named.add(stream.id()));
                streams.add(stream);
            }
            check(named.contains(own));
            int flags = in.get();
            boolean more = (flags & MORE) != 0;
            check(flags <= (MORE | RETIRED));
            int count = in.int32Count(1);
            check(!more || count > 0);
            List<HistoryMessage<C>> messages = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                HistoryMessage<C> message = message(in);
                check(message.kept() && named.contains(message.dot().stream()));
                messages.add(message);
            }
            List<CatchUpResponse.Retired> retired = new ArrayList<>();
            int retirements = (flags & RETIRED) == 0 ? 0 : in.int16();
            check(retirements <= LogLimits.RETIRED);
            for (int i = 0; i < retirements; i++) {
                retired.add(new CatchUpResponse.Retired(dot(in), dot(in)));
            }
            return new CatchUpResponse<>(streams, own, messages, more, retired);
        });
    }
}
