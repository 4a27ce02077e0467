package io.heliodor.playground;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.document.DocumentFullException;
import io.heliodor.document.DocumentStore.Stored;
import io.heliodor.document.DocumentStore.Update;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Documents in a folder. */
class FolderStoreTests {
    private static final String DOCUMENT = "doc:a/../b \u00e9";

    @TempDir
    private Path folder;

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String content(Stored stored) {
        StringBuilder text = new StringBuilder();
        for (Update update : stored.updates()) {
            text.append(new String(update.content(), StandardCharsets.UTF_8)).append(' ');
        }
        return text.toString();
    }

    @Test
    void twoStoresOfAFolderHaveOneLog() throws Exception {
        FolderStore a = new FolderStore(folder);
        FolderStore b = new FolderStore(folder);
        assertThat(a.read(DOCUMENT, 0, 100)).isEqualTo(new Stored(0, List.of()));
        long first = a.write(DOCUMENT, bytes("one"), 0);
        assertThat(b.write(DOCUMENT, bytes("two"), 0)).isEqualTo(first + 1);
        assertThat(content(a.read(DOCUMENT, 0, 100))).isEqualTo("one two ");
        assertThat(content(b.read(DOCUMENT, first, 100))).isEqualTo("two ");
        assertThat(content(b.read(DOCUMENT, 0, 1))).isEqualTo("one ");
        assertThat(a.read(DOCUMENT, first + 1, 100).last()).isEqualTo(first + 1);
        assertThat(a.read("doc:other", 0, 100).last()).isZero();
    }

    @Test
    void documentsWhoseFolderIsGoneAreNotEmpty() throws Exception {
        Path root = folder.resolve("root");
        FolderStore early = new FolderStore(root);
        assertThat(early.read(DOCUMENT, 0, 100).last()).isZero();
        early.write(DOCUMENT, bytes("kept"), 0);
        FolderStore late = new FolderStore(root);
        Files.move(root, folder.resolve("away"));
        for (FolderStore store : List.of(early, late)) {
            assertThatThrownBy(() -> store.read(DOCUMENT, 0, 100)).isInstanceOf(NoSuchFileException.class);
            assertThatThrownBy(() -> store.write(DOCUMENT, bytes("x"), 0)).isInstanceOf(NoSuchFileException.class);
        }
        Files.move(folder.resolve("away"), root);
        assertThat(content(late.read(DOCUMENT, 0, 100))).isEqualTo("kept ");
    }

    @Test
    void aSnapshotReplacesTheUpdatesUpToItsPosition() throws Exception {
        FolderStore store = new FolderStore(folder);
        long first = store.write(DOCUMENT, bytes("a"), 0);
        store.write(DOCUMENT, bytes("b"), 0);
        store.write(DOCUMENT, bytes("c"), 0);
        assertThat(store.write(DOCUMENT, bytes("AB"), first + 1)).isEqualTo(first + 1);
        assertThat(store.write(DOCUMENT, bytes("A"), first)).isZero();
        assertThat(store.write(DOCUMENT, bytes("later"), first + 3)).isZero();
        assertThat(content(new FolderStore(folder).read(DOCUMENT, 0, 100))).isEqualTo("AB c ");
        assertThat(store.write(DOCUMENT, bytes("d"), 0)).isEqualTo(first + 3);
    }

    @Test
    void whatANodeLeftWhenItDiedIsNotRead() throws Exception {
        FolderStore store = new FolderStore(folder);
        store.write(DOCUMENT, bytes("a"), 0);
        try (var folders = Files.list(folder)) {
            Files.write(folders.findFirst().orElseThrow().resolve("part"), bytes("half"));
        }
        assertThat(content(store.read(DOCUMENT, 0, 100))).isEqualTo("a ");
        store.write(DOCUMENT, bytes("b"), 0);
        assertThat(content(store.read(DOCUMENT, 0, 100))).isEqualTo("a b ");
    }

    @Test
    void aDocumentHasALimit() throws Exception {
        FolderStore store = new FolderStore(folder);
        store.write(DOCUMENT, new byte[4 << 20], 0);
        assertThatThrownBy(() -> store.write(DOCUMENT, new byte[1], 0)).isInstanceOf(DocumentFullException.class);
    }

    @Test
    void writersOfOneDocumentGetDifferentPositions() throws Exception {
        // One store: only those of two JVMs wait for the lock of each other.
        FolderStore store = new FolderStore(folder);
        List<Thread> writers = new ArrayList<>();
        for (int writer = 0; writer < 4; writer++) {
            writers.add(Thread.ofVirtual().start(() -> {
                for (int i = 0; i < 50; i++) {
                    try {
                        store.write(DOCUMENT, bytes("x"), 0);
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                }
            }));
        }
        for (Thread writer : writers) {
            writer.join();
        }
        List<Update> updates = store.read(DOCUMENT, 0, 10_000).updates();
        assertThat(updates).hasSize(200);
        assertThat(updates.getLast().position() - updates.getFirst().position()).isEqualTo(199);
    }

    @Test
    void theFolderIsDeleted() throws Exception {
        Path own = folder.resolve("own");
        new FolderStore(own).write(DOCUMENT, bytes("a"), 0);
        FolderStore.delete(own);
        assertThat(own).doesNotExist();
        FolderStore.delete(own);
    }
}
