package io.heliodor.document;

import static io.heliodor.document.Messages.AWARENESS;
import static io.heliodor.document.Messages.READ;
import static io.heliodor.document.Messages.UPDATED;
import static io.heliodor.document.Messages.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import io.heliodor.channel.Connect;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.channel.UserSocket;
import io.heliodor.document.DocumentMember.Access;
import io.heliodor.document.DocumentStore.Stored;
import io.heliodor.document.DocumentStore.Update;
import io.heliodor.document.Messages.Enter;
import io.heliodor.document.Messages.Entered;
import io.heliodor.document.Messages.Present;
import io.heliodor.document.Messages.Read;
import io.heliodor.document.Messages.Written;
import io.heliodor.limit.Limits;
import io.heliodor.pubsub.PubSub;
import io.heliodor.testkit.ChannelKit;
import io.heliodor.testkit.TestChannel;
import io.heliodor.testkit.TestClient;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The channel of documents. */
@Timeout(60)
class DocumentsTests {
    private static final String TOPIC = "doc:1";
    private static final String SECRET = "0123456789abcdef";
    private static final String OTHER_SECRET = "fedcba9876543210";

    /** A store that fails while a test requires it. */
    private static final class FailingStore implements DocumentStore {
        private final DocumentStore store =
                new MemoryStore(1_000_000 + 20 * MemoryStore.BYTES_OF_AN_UPDATE, 100 << 20, () -> 1_000);
        private volatile boolean fails;

        @Override
        public Stored read(String document, long after, int maxBytes) throws Exception {
            check();
            return store.read(document, after, maxBytes);
        }

        @Override
        public long write(String document, byte[] update, long replaced) throws Exception {
            check();
            return store.write(document, update, replaced);
        }

        private void check() throws IOException {
            if (fails) {
                throw new IOException("the database is away");
            }
        }
    }

    private final FailingStore store = new FailingStore();

    @AutoClose
    private final PubSub pubsub = PubSub.local();

    private final Documents documents = Documents.of(pubsub, store).maxUpdateBytes(50_000);

    @AutoClose
    private final ChannelKit kit = ChannelKit.builder(UserSocket.connect(
                            connect -> Connect.ok(connect.param("name").orElse("")))
                    .channel(
                            "doc:*",
                            documents
                                    .channel(String.class, join -> switch (join.socket()
                                            .assigns()) {
                                        case "reader" -> Join.ok(Access.READ);
                                        case "mallory" -> Join.refuse("unauthorized");
                                        default -> Join.ok(Access.WRITE);
                                    })
                                    .onException(IOException.class, _ -> Reply.error("unavailable"))
                                    .build())
                    .build())
            .limits(Limits.openInternet().memory(memory -> memory.maxConnectionBytes(1 << 20)))
            .pubsub(pubsub)
            .start();

    private TestClient connect(String name) {
        return kit.connect(Map.of("name", name));
    }

    private TestChannel join(String name, long client) {
        return join(name, client, "of " + name);
    }

    private static String owner(TestChannel channel) {
        return channel.reply(Entered.class).owner().orElseThrow();
    }

    private TestChannel join(String name, long client, String secret) {
        return connect(name).join(TOPIC, new Enter(Optional.of(client), Optional.of(secret)));
    }

    private static ByteBuffer write(long replaced, String update) {
        byte[] bytes = update.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + bytes.length)
                .putLong(replaced)
                .put(bytes)
                .flip();
    }

    /** A part of a log as text. */
    private static String text(ByteBuffer part) {
        StringBuilder text = new StringBuilder("last " + part.getLong());
        while (part.hasRemaining()) {
            text.append(", ").append(part.getLong()).append(' ');
            byte[] content = new byte[part.getInt()];
            part.get(content);
            text.append(new String(content, StandardCharsets.UTF_8));
        }
        return text.toString();
    }

    private static String read(TestChannel channel, long after) {
        return text(channel.call(READ, new Read(after)));
    }

    @Test
    void aWriteIsStoredSentToTheOthersAndAcknowledged() {
        TestChannel ann = join("ann", 1);
        TestChannel bo = join("bo", 2);
        assertThat(ann.call(WRITE, write(0, "a"))).isEqualTo(new Written(1_000));
        assertThat(text(bo.expect(UPDATED))).isEqualTo("last 1000, 1000 a");
        ann.expectNothing(UPDATED);
        assertThat(bo.call(WRITE, write(0, "b"))).isEqualTo(new Written(1_001));
        assertThat(read(join("cy", 3), 0)).isEqualTo("last 1001, 1000 a, 1001 b");
        assertThat(read(ann, 1_000)).isEqualTo("last 1001, 1001 b");
    }

    @Test
    void aWriteThatIsNotStoredIsNeitherSentNorAcknowledged() {
        TestChannel ann = join("ann", 1);
        TestChannel bo = join("bo", 2);
        store.fails = true;
        assertThat(ann.callRefused(WRITE, write(0, "a")).reason()).isEqualTo("unavailable");
        store.fails = false;
        bo.expectNothing(UPDATED);
        assertThat(read(bo, 0)).isEqualTo("last 0");
        assertThat(ann.call(WRITE, write(0, "a"))).isEqualTo(new Written(1_000));
    }

    @Test
    void aSnapshotIsNotSentToOthers() {
        TestChannel ann = join("ann", 1);
        TestChannel bo = join("bo", 2);
        ann.call(WRITE, write(0, "a"));
        ann.call(WRITE, write(0, "b"));
        bo.expect(UPDATED);
        bo.expect(UPDATED);
        assertThat(ann.call(WRITE, write(1_001, "AB"))).isEqualTo(new Written(1_001));
        assertThat(ann.call(WRITE, write(1_000, "A"))).isEqualTo(new Written(0));
        bo.expectNothing(UPDATED);
        assertThat(read(bo, 0)).isEqualTo("last 1001, 1001 AB");
    }

    @Test
    void theJoinHasTheRightsAndTheLimit() {
        assertThat(connect("ann").join(TOPIC).reply(Entered.class))
                .isEqualTo(new Entered(true, 50_000, Optional.empty()));
        assertThat(connect("reader").join(TOPIC).reply(Entered.class))
                .isEqualTo(new Entered(false, 50_000, Optional.empty()));
        assertThat(connect("mallory").joinRefused(TOPIC).reason()).isEqualTo("unauthorized");
    }

    @Test
    void theJoinHasASmallerLimitIfTheEndpointTakesSmallerMessages() {
        int maxMessage = 10_000;
        String topic = "doc:" + "x".repeat(251);
        try (PubSub own = PubSub.local();
                ChannelKit small = ChannelKit.builder(UserSocket.open()
                                .channel(
                                        "doc:*",
                                        Documents.of(own, store).channel().build())
                                .build())
                        .limits(Limits.openInternet().sessions(s -> s.maxMessageBytes(maxMessage)))
                        .pubsub(own)
                        .start()) {
            TestChannel ann = small.connect().join(topic);
            int max = ann.reply(Entered.class).max_bytes();
            assertThat(max).isEqualTo(maxMessage - 512);
            assertThat(ann.call(WRITE, write(0, "x".repeat(max)))).isEqualTo(new Written(1_000));
        }
    }

    @Test
    void aReaderReadsAndWritesNeitherUpdatesNorSnapshots() {
        join("ann", 1).call(WRITE, write(0, "a"));
        TestChannel reader = join("reader", 2);
        assertThat(read(reader, 0)).isEqualTo("last 1000, 1000 a");
        assertThat(reader.callRefused(WRITE, write(0, "r")).reason()).isEqualTo("read_only");
        assertThat(reader.callRefused(WRITE, write(1_000, "r")).reason()).isEqualTo("read_only");
        assertThat(read(reader, 0)).isEqualTo("last 1000, 1000 a");
    }

    @Test
    void anUpdateHasALimitAndAPosition() {
        TestChannel ann = join("ann", 1);
        assertThat(ann.callRefused(WRITE, write(0, "x".repeat(50_001))).reason())
                .isEqualTo("too_large");
        assertThat(ann.callRefused(WRITE, ByteBuffer.allocate(8)).reason()).isEqualTo("invalid_payload");
        assertThat(ann.callRefused(WRITE, ByteBuffer.allocate(3)).reason()).isEqualTo("invalid_payload");
        assertThat(ann.call(WRITE, write(0, "x".repeat(50_000)))).isEqualTo(new Written(1_000));
    }

    @Test
    void aFullDocumentRefusesUpdatesAndIsStillRead() {
        TestChannel ann = join("ann", 1);
        for (int i = 0; i < 20; i++) {
            ann.call(WRITE, write(0, "x".repeat(50_000)));
        }
        assertThat(documents.refused()).isZero();
        assertThat(ann.callRefused(WRITE, write(0, "x")).reason()).isEqualTo("full");
        assertThat(documents.refused()).isOne();
        assertThat(ann.call(READ, new Read(0)).getLong()).isEqualTo(1_019);
    }

    @Test
    void aLargeLogIsReadInParts() {
        TestChannel ann = join("ann", 1);
        for (int i = 0; i < 20; i++) {
            ann.call(WRITE, write(0, "x".repeat(50_000)));
        }
        ByteBuffer part = ann.call(READ, new Read(0));
        assertThat(part.remaining()).isEqualTo(8 + 5 * (12 + 50_000));
        assertThat(part.getLong()).isEqualTo(1_019);
    }

    @Test
    void aPartCountsWhatIsAroundItsUpdatesAlsoIfTheStoreDoesNot() {
        List<Update> updates = LongStream.rangeClosed(1, 40_000)
                .mapToObj(position -> new Update(position, new byte[] {1}))
                .toList();
        ByteBuffer part = Messages.encode(new Stored(40_000, updates), 256 << 10);
        assertThat(part.remaining()).isEqualTo(8 + 256 * 1024 / 13 * 13);
        assertThat(Messages.encode(new Stored(1, updates.subList(0, 1)), 1).remaining())
                .isEqualTo(8 + 13);
    }

    @Test
    void awarenessGoesToTheOthersWithTheIdOfItsClient() {
        TestChannel ann = join("ann", 17);
        TestChannel bo = join("bo", 18);
        ann.push(AWARENESS, ByteBuffer.wrap(new byte[] {1, 2, 3}));
        ByteBuffer awareness = bo.expect(AWARENESS);
        assertThat(awareness.getLong()).isEqualTo(17);
        assertThat(awareness.remaining()).isEqualTo(3 + 16);
        ann.expectNothing(AWARENESS);
        assertThat(ann.pushRefused(AWARENESS, ByteBuffer.allocate(Documents.MAX_AWARENESS_BYTES + 1))
                        .reason())
                .isEqualTo("too_large");
        bo.expectNothing(AWARENESS);
    }

    @Test
    void aLaggingClientGetsTheNewestAwarenessOfEachOther() {
        TestChannel ann = join("ann", 17);
        TestChannel bo = join("bo", 18);
        TestChannel cy = join("cy", 19);
        cy.client().stopReading();
        for (int i = 0; i < 200; i++) {
            ann.push(AWARENESS, ByteBuffer.wrap(new byte[4_000]).put(0, (byte) i));
            bo.push(AWARENESS, ByteBuffer.wrap(new byte[4_000]).put(0, (byte) i));
            kit.settle();
        }
        cy.client().resumeReading();
        int count = 0;
        byte last = 0;
        for (ByteBuffer awareness = cy.expect(AWARENESS); ; awareness = cy.expect(AWARENESS)) {
            count++;
            if (awareness.getLong() == 17) {
                last = awareness.get();
            }
            if (last == (byte) 199) {
                break;
            }
        }
        assertThat(count).isLessThan(300);
    }

    @Test
    void aClientIsPresentUnderItsIdUntilItLeaves() {
        TestChannel ann = join("ann", 17);
        TestChannel reader = join("reader", 18);
        awaitPresent(
                ann,
                Map.of("17", List.of(new Present(true, owner(ann))), "18", List.of(new Present(false, owner(reader)))));
        reader.client().drop();
        awaitPresent(ann, Map.of("17", List.of(new Present(true, owner(ann)))));
    }

    @Test
    void anIdBelongsToThePageThatHasIt() {
        TestChannel ann = join("ann", 17, SECRET);
        TestChannel bo = join("bo", 18, OTHER_SECRET);
        kit.settle(); // a member is present after it has joined
        for (String name : List.of("eve", "reader")) {
            assertThat(connect(name)
                            .joinRefused(TOPIC, new Enter(Optional.of(17L), Optional.of(OTHER_SECRET)))
                            .reason())
                    .isEqualTo("client_taken");
        }
        bo.expectNothing(AWARENESS);
        ann.push(AWARENESS, ByteBuffer.wrap(new byte[] {1, 2}));
        ByteBuffer awareness = bo.expect(AWARENESS);
        assertThat(awareness.getLong()).isEqualTo(17);
        byte[] rest = Messages.remaining(awareness);
        assertThat(rest).hasSize(2 + 16).startsWith(1, 2);
        assertThat(HexFormat.of().formatHex(rest, 2, 18)).isEqualTo(owner(ann));
    }

    @Test
    void anIdWithoutASecretIsIgnored() {
        TestChannel bo = join("bo", 18);
        TestChannel ann = connect("ann").join(TOPIC, new Enter(Optional.of(17L), Optional.empty()));
        TestChannel eve = connect("eve").join(TOPIC, new Enter(Optional.of(18L), Optional.empty()));
        assertThat(ann.reply(Entered.class).owner()).isEmpty();
        ann.push(AWARENESS, ByteBuffer.wrap(new byte[] {1}));
        eve.push(AWARENESS, ByteBuffer.wrap(new byte[] {2}));
        kit.settle();
        bo.expectNothing(AWARENESS);
        awaitPresent(bo, Map.of("18", List.of(new Present(true, owner(bo)))));
        ann.call(WRITE, write(0, "a"));
        assertThat(read(bo, 0)).isEqualTo("last 1000, 1000 a");
    }

    @Test
    void aPageKeepsItsIdWhileItsOldConnectionIsThere() {
        TestChannel old = join("ann", 17, SECRET);
        TestChannel bo = join("bo", 18, OTHER_SECRET);
        TestChannel back = join("ann", 17, SECRET);
        assertThat(back.reply(Entered.class)).isEqualTo(old.reply(Entered.class));
        back.push(AWARENESS, ByteBuffer.wrap(new byte[] {1}));
        assertThat(bo.expect(AWARENESS).getLong()).isEqualTo(17);
        old.client().drop();
        kit.settle();
        assertThat(connect("eve")
                        .joinRefused(TOPIC, new Enter(Optional.of(17L), Optional.of(OTHER_SECRET)))
                        .reason())
                .isEqualTo("client_taken");
        back.leave();
        await().untilAsserted(() -> join("eve", 17, OTHER_SECRET));
    }

    @Test
    void theOwnerOfAnIdDoesNotShowItsSecretAndIsAnotherOneInEachDocument() {
        String owner = owner(join("ann", 17, SECRET));
        TestChannel other = connect("ann").join("doc:2", new Enter(Optional.of(17L), Optional.of(SECRET)));
        assertThat(owner).hasSize(32).doesNotContain(SECRET);
        assertThat(other.reply(Entered.class).owner()).isPresent().isNotEqualTo(Optional.of(owner));
    }

    @Test
    void anIdAndASecretHaveLimits() {
        record Raw(Object client, Object secret) {}
        for (Raw raw : List.of(new Raw(-1, SECRET), new Raw(1L << 53, SECRET), new Raw(1, "x".repeat(65)))) {
            assertThat(connect("ann").joinRefused(TOPIC, raw).reason()).isEqualTo("invalid_payload");
        }
    }

    /** The kit does not wait for presences that it does not know. */
    private static void awaitPresent(TestChannel channel, Map<String, List<Present>> expected) {
        await().untilAsserted(() -> assertThat(channel.presence(Present.class)).isEqualTo(expected));
    }

    @Test
    void aReaderThatStallsIsClosedAndReadsTheRestAfterItsReturn() {
        TestChannel ann = join("ann", 1);
        TestChannel bo = join("bo", 2);
        bo.client().stopReading();
        for (int i = 0; i < 20; i++) {
            ann.call(WRITE, write(0, "x".repeat(50_000)));
            kit.advance(Duration.ofSeconds(1));
        }
        assertThat(bo.client().expectClose()).isEqualTo(4408);
        TestChannel back = join("bo", 2);
        assertThat(back.call(READ, new Read(1_015)).remaining()).isEqualTo(8 + 4 * (12 + 50_000));
    }

    @Test
    void eachMessageOfAClientHasAHandler() {
        ChannelKit.expectHandled(documents.channel().build(), Messages.class, UPDATED);
    }

    @Test
    void aPubSubHasDocumentsOnce() {
        assertThatIllegalStateException().isThrownBy(() -> Documents.of(pubsub, store));
        assertThatIllegalArgumentException().isThrownBy(() -> documents.maxUpdateBytes(0));
        assertThatIllegalArgumentException().isThrownBy(() -> documents.maxUpdateBytes(4_000_001));
    }
}
