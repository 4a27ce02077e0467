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
 * Messages, questions and answers of logs as bytes. Each begins with its version. Any thread may use it.
 *
 * @param <C> the type of what is published
 */
final class LogFormat<C> {
    private static final int VERSION = 1;

    /** A stream is 48 bits. */
    private static final long MAX_STREAM = (1L << 48) - 1;

    /** Of a message, a position or an answer. A log has more than its bound while none of them has ended and expired. */
    private static final int MAX_STREAMS = 2 * TopicLog.MAX_STREAMS;

    private final Function<C, byte[]> write;
    private final Function<byte[], Optional<C>> read;

    /**
     * A format.
     *
     * @param write a content as bytes
     * @param read bytes as a content; empty if they are none
     */
    LogFormat(Function<C, byte[]> write, Function<byte[], Optional<C>> read) {
        this.write = write;
        this.read = read;
    }

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

    /** A message. */
    byte[] message(Message<C> message) {
        return written(out -> write(message, out));
    }

    /** The message that bytes are, if they are one. */
    Optional<Message<C>> message(byte[] bytes) {
        return read(bytes, this::message);
    }

    private void write(Message<C> message, DataOutputStream out) throws IOException {
        out.writeBoolean(message.kept());
        write(message.dot(), out);
        out.writeLong(message.age());
        out.writeShort(message.predecessors().size());
        for (Dot predecessor : message.predecessors()) {
            write(predecessor, out);
        }
        byte[] content = write.apply(message.content());
        out.writeInt(content.length);
        out.write(content);
    }

    private Message<C> message(DataInputStream in) throws IOException {
        boolean kept = in.readBoolean();
        Dot dot = dot(in);
        check(!kept || dot.counter() > 0);
        long age = positive(in);
        List<Dot> predecessors = new ArrayList<>();
        for (int i = streams(in); i > 0; i--) {
            predecessors.add(dot(in));
        }
        int length = in.readInt();
        check(length >= 0 && length <= in.available());
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        Optional<C> content = read.apply(bytes);
        check(content.isPresent());
        return new Message<>(dot, kept, predecessors, content.get(), age);
    }

    private static void write(Dot dot, DataOutputStream out) throws IOException {
        out.writeLong(dot.stream());
        out.writeLong(dot.counter());
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

    /** A question. */
    byte[] question(Question question) {
        return written(out -> {
            out.writeLong(question.own());
            out.writeUTF(question.owner());
            Position position = question.position();
            out.writeShort(position.size());
            for (int i = 0; i < position.size(); i++) {
                out.writeLong(position.stream(i));
                out.writeLong(position.counter(i));
            }
            out.writeBoolean(question.after().isPresent());
            if (question.after().isPresent()) {
                write(question.after().get(), out);
            }
        });
    }

    /** The question that bytes are, if they are one. */
    Optional<Question> question(byte[] bytes) {
        return read(bytes, in -> {
            long own = stream(in);
            String owner = in.readUTF();
            Position position = Position.NONE;
            for (int i = streams(in); i > 0; i--) {
                position = position.with(stream(in), positive(in));
            }
            Optional<Dot> after = in.readBoolean() ? Optional.of(dot(in)) : Optional.empty();
            return new Question(own, owner, position, after);
        });
    }

    /** An answer, or a part of one. */
    byte[] answer(Answer<C> answer) {
        return written(out -> {
            out.writeLong(answer.own());
            out.writeShort(answer.streams().size());
            for (Answer.Stream stream : answer.streams()) {
                out.writeLong(stream.id());
                out.writeLong(stream.counter());
                out.writeLong(stream.floor());
                out.writeUTF(stream.owner());
            }
            out.writeBoolean(answer.more());
            out.writeInt(answer.messages().size());
            for (Message<C> message : answer.messages()) {
                write(message, out);
            }
        });
    }

    /** The answer that bytes are, if they are one: all its messages are of streams that it names. */
    Optional<Answer<C>> answer(byte[] bytes) {
        return read(bytes, in -> {
            long own = stream(in);
            List<Answer.Stream> streams = new ArrayList<>();
            Set<Long> named = new HashSet<>();
            for (int i = streams(in); i > 0; i--) {
                Answer.Stream stream = new Answer.Stream(stream(in), positive(in), positive(in), in.readUTF());
                check(stream.floor() <= stream.counter() && named.add(stream.id()));
                streams.add(stream);
            }
            boolean more = in.readBoolean();
            int count = in.readInt();
            check(count >= 0 && count <= in.available() && !(more && count == 0));
            List<Message<C>> messages = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                Message<C> message = message(in);
                check(message.kept() && named.contains(message.dot().stream()));
                messages.add(message);
            }
            return new Answer<>(streams, own, messages, more);
        });
    }
}
