package io.heliodor.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.document.DocumentFullException;
import io.heliodor.document.DocumentStore.Stored;
import io.heliodor.document.DocumentStore.Update;
import io.heliodor.document.Documents;
import io.heliodor.pubsub.PubSub;
import io.heliodor.testkit.ChannelKit;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

/** The store of the guide, in a database. */
@Timeout(60)
class ManuscriptsTests {
    private static final String DOCUMENT = "doc:1";

    private final JdbcDataSource database = new JdbcDataSource();
    private final SqlStore store = new SqlStore(database);

    @BeforeEach
    void create(TestInfo test) throws SQLException {
        database.setURL("jdbc:h2:mem:" + test.getDisplayName() + ";DB_CLOSE_DELAY=-1;LOCK_TIMEOUT=30000");
        try (Connection connection = database.getConnection()) {
            connection.createStatement().execute(SqlStore.TABLES);
        }
    }

    private long add(String text) throws SQLException, DocumentFullException {
        return store.write(DOCUMENT, text.getBytes(StandardCharsets.UTF_8), 0);
    }

    private String read(long after, int maxBytes) throws SQLException {
        Stored stored = store.read(DOCUMENT, after, maxBytes);
        StringBuilder text = new StringBuilder();
        for (Update update : stored.updates()) {
            text.append(new String(update.content(), StandardCharsets.UTF_8)).append(' ');
        }
        return text.append("until ").append(stored.last()).toString();
    }

    @Test
    void positionsHaveNoGap() throws Exception {
        assertThat(read(0, 100)).isEqualTo("until 0");
        long first = add("a");
        assertThat(List.of(add("b"), add("c"))).containsExactly(first + 1, first + 2);
        assertThat(read(0, 100)).isEqualTo("a b c until " + (first + 2));
        assertThat(read(first, 1)).isEqualTo("b until " + (first + 2));
        assertThat(store.read("doc:2", 0, 100).last()).isZero();
    }

    @Test
    void aSnapshotReplacesTheUpdatesUpToItsPosition() throws Exception {
        long first = add("a");
        add("b");
        add("c");
        assertThat(store.write(DOCUMENT, "AB".getBytes(StandardCharsets.UTF_8), first + 1))
                .isEqualTo(first + 1);
        assertThat(store.write(DOCUMENT, "A".getBytes(StandardCharsets.UTF_8), first))
                .isZero();
        assertThat(read(0, 100)).isEqualTo("AB c until " + (first + 2));
    }

    @Test
    void aRefusedUpdateTakesNoPosition() throws Exception {
        long first = add("a");
        assertThatThrownBy(() -> store.write(DOCUMENT, new byte[16 << 20], 0))
                .isInstanceOf(DocumentFullException.class);
        assertThat(add("b")).isEqualTo(first + 1);
    }

    @Test
    void writersOfOneDocumentGetDifferentPositionsInTheOrderOfTheirCommits() throws Exception {
        add("first");
        ConcurrentLinkedQueue<Exception> failures = new ConcurrentLinkedQueue<>();
        List<Thread> writers = new ArrayList<>();
        for (int writer = 0; writer < 4; writer++) {
            writers.add(Thread.ofPlatform().start(() -> {
                try {
                    for (int i = 0; i < 25; i++) {
                        add("x");
                    }
                } catch (Exception e) {
                    failures.add(e);
                }
            }));
        }
        long after = 0;
        List<Long> seen = new ArrayList<>();
        while (seen.size() < 101 && failures.isEmpty()) {
            for (Update update : store.read(DOCUMENT, after, 1_000).updates()) {
                seen.add(update.position());
                after = update.position();
            }
        }
        for (Thread writer : writers) {
            writer.join();
        }
        assertThat(failures).isEmpty();
        assertThat(seen.getLast() - seen.getFirst()).isEqualTo(100);
    }

    @Test
    void editorsWriteAndOthersRead() {
        try (PubSub pubsub = PubSub.local();
                ChannelKit kit = ChannelKit.builder(Manuscripts.withRights(Documents.of(pubsub, store)))
                        .pubsub(pubsub)
                        .start()) {
            Map<String, ?> page = Map.of("client", 17, "secret", "0123456789abcdef");
            Map<?, ?> ann =
                    kit.connect(Map.of("name", "ann")).join(DOCUMENT, page).reply(Map.class);
            Map<?, ?> bo =
                    kit.connect(Map.of("name", "bo")).join(DOCUMENT, page).reply(Map.class);
            assertThat(ann.get("write")).isEqualTo(true);
            assertThat(bo.get("write")).isEqualTo(false);
            assertThat(kit.connect(Map.of("name", "ann"))
                            .joinRefused("doc:private-1")
                            .reason())
                    .isEqualTo("unauthorized");
        }
    }
}
