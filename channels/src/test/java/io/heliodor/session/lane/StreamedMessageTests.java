package io.heliodor.session.lane;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.session.budget.MemoryBudget;
import io.heliodor.session.budget.SharedMemory;
import io.heliodor.wire.Serializer;
import io.heliodor.wire.Slice;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A large message in pieces, from slices of any sizes. */
class StreamedMessageTests {
    private static final int PIECE = 16 << 10;

    private final MemoryBudget budget = new MemoryBudget(1 << 30);
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final List<Integer> pieces = new ArrayList<>();
    private final List<String> marks = new ArrayList<>();

    @SuppressWarnings("unchecked") // the only overload with a list
    private Connection connection() {
        return (Connection) Proxy.newProxyInstance(
                Connection.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                    List<Slice> piece = (List<Slice>) arguments[0];
                    piece.forEach(slice -> written.write(slice.bytes(), slice.from(), slice.length()));
                    pieces.add(piece.stream().mapToInt(Slice::length).sum());
                    marks.add(arguments[1] + " " + arguments[2]);
                    return null;
                });
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 900, PIECE - 1, PIECE, PIECE + 1, 100_000})
    void slicesOfAnySizeAreWrittenInFullPieces(int max) {
        Random random = new Random(max);
        byte[] all = new byte[100_000];
        random.nextBytes(all);
        List<Slice> slices = new ArrayList<>();
        for (int at = 0; at < all.length; ) {
            int to = Math.min(all.length, at + 1 + random.nextInt(max));
            slices.add(new Slice(all, at, to));
            at = to;
        }
        SharedMemory memory = new SharedMemory(budget, all.length);
        StreamedMessage message = new StreamedMessage(
                () -> true,
                new Serializer.Envelope("head".getBytes(US_ASCII), "tail".getBytes(US_ASCII)),
                slices,
                memory);
        assertThat(message.length()).isEqualTo(all.length + 8);
        while (message.write(connection())) {
            assertThat(pieces.getLast()).isEqualTo(PIECE);
        }
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        expected.writeBytes("head".getBytes(US_ASCII));
        expected.writeBytes(all);
        expected.writeBytes("tail".getBytes(US_ASCII));
        assertThat(written.toByteArray()).isEqualTo(expected.toByteArray());
        assertThat(pieces).hasSize(2 + (all.length + PIECE - 1) / PIECE);
        assertThat(marks.getFirst()).isEqualTo("true false");
        assertThat(marks.getLast()).isEqualTo("false true");
        assertThat(marks.subList(1, marks.size() - 1)).containsOnly("false false");
    }
}
