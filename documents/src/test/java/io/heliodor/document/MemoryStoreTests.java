package io.heliodor.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.document.DocumentStore.Stored;
import io.heliodor.document.DocumentStore.Update;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The rules of a {@link DocumentStore}, for the one in memory. */
class MemoryStoreTests {
    private static final String DOCUMENT = "doc:1";
    private static final long FIRST = 1_000;
    private static final int ANY = Integer.MAX_VALUE;

    private static final int UPDATE = MemoryStore.BYTES_OF_AN_UPDATE;

    private final MemoryStore store = new MemoryStore(100 + 4 * UPDATE, 10_000, () -> FIRST);

    private long add(String text) throws DocumentFullException {
        return store.write(DOCUMENT, text.getBytes(StandardCharsets.UTF_8), 0);
    }

    private long replace(String text, long position) throws DocumentFullException {
        return store.write(DOCUMENT, text.getBytes(StandardCharsets.UTF_8), position);
    }

    private String read(long after, int maxBytes) {
        Stored stored = store.read(DOCUMENT, after, maxBytes);
        List<String> updates = stored.updates().stream()
                .map(update -> update.position() + new String(update.content(), StandardCharsets.UTF_8))
                .toList();
        return updates + " of " + stored.last();
    }

    @Test
    void anUnknownDocumentIsEmpty() {
        assertThat(read(0, ANY)).isEqualTo("[] of 0");
        assertThat(read(5, ANY)).isEqualTo("[] of 0");
    }

    @Test
    void positionsHaveNoGap() throws Exception {
        assertThat(List.of(add("a"), add("b"), add("c"))).containsExactly(FIRST, FIRST + 1, FIRST + 2);
        assertThat(read(0, ANY)).isEqualTo("[1000a, 1001b, 1002c] of 1002");
        assertThat(read(1001, ANY)).isEqualTo("[1002c] of 1002");
        assertThat(read(1002, ANY)).isEqualTo("[] of 1002");
        assertThat(read(9999, ANY)).isEqualTo("[] of 1002");
    }

    @Test
    void eachDocumentHasItsOwnLog() throws Exception {
        add("a");
        assertThat(store.read("doc:2", 0, ANY).updates()).isEmpty();
    }

    @Test
    void aPartHasOneUpdateOrWhatFits() throws Exception {
        add("aaaa");
        add("bb");
        add("cc");
        assertThat(read(0, 1)).isEqualTo("[1000aaaa] of 1002");
        assertThat(read(0, 12 + 4 + 12 + 1)).isEqualTo("[1000aaaa] of 1002");
        assertThat(read(0, 12 + 4 + 12 + 2)).isEqualTo("[1000aaaa, 1001bb] of 1002");
        assertThat(read(1000, 28)).isEqualTo("[1001bb, 1002cc] of 1002");
    }

    @Test
    void aSnapshotReplacesTheUpdatesUpToItsPosition() throws Exception {
        for (String text : List.of("a", "b", "c", "d")) {
            add(text);
        }
        assertThat(replace("ABC", 1002)).isEqualTo(1002);
        assertThat(read(0, ANY)).isEqualTo("[1002ABC, 1003d] of 1003");
        assertThat(add("e")).isEqualTo(1004);
    }

    @Test
    void aSnapshotOfTheLastPositionLeavesTheNextPosition() throws Exception {
        add("a");
        add("b");
        assertThat(replace("AB", 1001)).isEqualTo(1001);
        assertThat(add("c")).isEqualTo(1002);
    }

    @Test
    void aStaleSnapshotReplacesNothing() throws Exception {
        for (String text : List.of("a", "b", "c")) {
            add(text);
        }
        replace("ABC", 1002);
        assertThat(replace("AB", 1001)).isZero();
        assertThat(read(0, ANY)).isEqualTo("[1002ABC] of 1002");
    }

    @Test
    void aSnapshotOfAPositionThatTheLogDoesNotHaveReplacesNothing() throws Exception {
        add("a");
        assertThat(replace("later", 1001)).isZero();
        assertThat(replace("of another log", 57)).isZero();
        assertThat(replace("negative", -1)).isZero();
        assertThat(read(0, ANY)).isEqualTo("[1000a] of 1000");
        assertThat(store.write("doc:2", new byte[1], 1)).isZero();
    }

    @Test
    void aDocumentHasALimitAndASnapshotMakesRoom() throws Exception {
        add("x".repeat(60 + UPDATE));
        add("x".repeat(40 + UPDATE));
        assertThatThrownBy(() -> add("x")).isInstanceOf(DocumentFullException.class);
        assertThat(read(1001, ANY)).isEqualTo("[] of 1001");
        replace("x", 1001);
        assertThat(add("x".repeat(99 + 2 * UPDATE))).isEqualTo(1002);
    }

    @Test
    void manySmallUpdatesHaveALimit() throws Exception {
        for (int i = 0; i < 4; i++) {
            add("");
        }
        assertThatThrownBy(() -> add("")).isInstanceOf(DocumentFullException.class);
    }

    @Test
    void aSnapshotThatIsTooLargeReplacesNothing() throws Exception {
        add("a");
        assertThatThrownBy(() -> replace("x".repeat(1_000), FIRST)).isInstanceOf(DocumentFullException.class);
        assertThat(read(0, ANY)).isEqualTo("[1000a] of 1000");
    }

    private static long write(MemoryStore to, String document, int bytes) throws DocumentFullException {
        return to.write(document, new byte[bytes], 0);
    }

    private static long sizeOf(MemoryStore of, String document) {
        return of.read(document, 0, ANY).updates().stream()
                .mapToLong(update -> update.content().length + UPDATE)
                .sum();
    }

    @Test
    void ifAllAreFullTheDocumentThatHoldsMostMakesRoomForOthersAndIsRefused() throws Exception {
        MemoryStore all = new MemoryStore(10_000, 10_000, () -> FIRST);
        write(all, "large", 5_000);
        write(all, "small", 1_000);
        assertThatThrownBy(() -> write(all, "large", 2_000))
                .hasMessageContaining("All documents together may have 10000");
        assertThatThrownBy(() -> write(all, "larger", 6_000)).isInstanceOf(DocumentFullException.class);
        assertThat(all.dropped()).isZero();
        write(all, "small", 2_000);
        assertThat(all.dropped()).isOne();
        assertThat(all.read("large", 0, ANY)).isEqualTo(new Stored(0, List.of()));
        assertThat(all.read("small", 0, ANY).updates()).hasSize(2);
        write(all, "large", 3_000);
        assertThatThrownBy(() -> write(all, "large", 2_000)).isInstanceOf(DocumentFullException.class);
        assertThat(all.write("large", new byte[10], FIRST)).isEqualTo(FIRST); // makes room
        write(all, "large", 2_000);
        assertThat(all.dropped()).isOne();
    }

    @Test
    void aDocumentThatIsRefusedTakesNothing() throws Exception {
        MemoryStore all = new MemoryStore(10_000, 10_000, () -> FIRST);
        write(all, "known", 4_000);
        for (int i = 0; i < 1_000; i++) {
            String refused = "refused-" + i;
            assertThatThrownBy(() -> write(all, refused, 9_000)).isInstanceOf(DocumentFullException.class);
        }
        write(all, "other", 3_000);
        assertThat(all.dropped()).isZero();
    }

    @Test
    void aDocumentThatHoldsLessThanItsShareIsNeitherRefusedNorDroppedWhateverTheOthersDo() throws Exception {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            int parties = 2 + random.nextInt(8);
            long share = 200_000 / parties;
            MemoryStore all = new MemoryStore(100_000, 200_000, () -> FIRST);
            long honest = 0;
            for (int step = 0; step < 200; step++) {
                int party = random.nextInt(parties);
                int bytes = random.nextInt(random.nextBoolean() ? 30_000 : 300);
                if (party == 0) {
                    if (honest + bytes + UPDATE + MemoryStore.BYTES_OF_A_DOCUMENT <= share) {
                        honest += bytes + UPDATE;
                        assertThatCode(() -> write(all, "honest", bytes))
                                .as("seed %d", seed)
                                .doesNotThrowAnyException();
                    }
                } else {
                    try {
                        write(all, "hostile-" + party, bytes);
                    } catch (DocumentFullException e) {
                        // It may be.
                    }
                }
                assertThat(sizeOf(all, "honest")).as("seed %d", seed).isEqualTo(honest);
                long sum = honest;
                for (int i = 1; i < parties; i++) {
                    sum += sizeOf(all, "hostile-" + i);
                }
                assertThat(sum).as("seed %d", seed).isLessThanOrEqualTo(200_000);
            }
        }
    }

    @Test
    void writersOfOneDocumentGetDifferentPositions() throws Exception {
        DocumentStore shared = DocumentStore.inMemory();
        List<Thread> writers = IntStream.range(0, 4)
                .mapToObj(writer -> Thread.ofVirtual().start(() -> {
                    for (int i = 0; i < 500; i++) {
                        try {
                            shared.write(DOCUMENT, new byte[] {(byte) writer}, 0);
                        } catch (Exception e) {
                            throw new IllegalStateException(e);
                        }
                    }
                }))
                .toList();
        for (Thread writer : writers) {
            writer.join();
        }
        List<Long> positions = shared.read(DOCUMENT, 0, ANY).updates().stream()
                .map(Update::position)
                .toList();
        assertThat(positions).hasSize(2_000);
        assertThat(positions.getLast() - positions.getFirst()).isEqualTo(1_999);
    }
}
