package io.heliodor.raft.file;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.heliodor.raft.RaftEntry;
import io.heliodor.raft.Storage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The files of a voter's directory, with any content. The input is a list of parts: the number of a file, its length in
 * two bytes, and its bytes. Checksums are made right, since no fuzzer finds them. A directory can be opened, and then has
 * the same content when it is opened again, or it is unusable.
 */
class FileStorageFuzzIT {
    private static final String NODE = "a@h";
    private static final List<String> NAMES = List.of("owner", "ballot", "snapshot", "entries", "confirmed");

    @FuzzTest
    void hasTheSameContentWhenItIsOpenedAgain(byte[] input) throws IOException {
        Files files = new Files();
        for (ByteBuffer in = ByteBuffer.wrap(input); in.remaining() > 3; ) {
            int number = in.get() & 0xff;
            byte[] content = new byte[Math.min(in.getShort() & 0xffff, in.remaining())];
            in.get(content);
            files.put(NAMES.get(number % NAMES.size()), content);
        }
        try {
            open(files, "new").close();
        } catch (UnusableDirectory e) {
            return;
        }
        FileStorage second = open(files, "newer");
        assertThat(second.loss()).isEmpty();
        String content = described(second.content());
        second.close();

        FileStorage third = open(files, "newest");
        assertThat(described(third.content())).isEqualTo(content);
        long last = last(third.content());
        if (last < Long.MAX_VALUE) {
            third.append(List.of(new RaftEntry(last + 1, 1, RaftEntry.Kind.COMMAND, new byte[] {7})));
            third.close();
            FileStorage fourth = open(files, "last");
            assertThat(last(fourth.content())).isEqualTo(last + 1);
            fourth.close();
        } else {
            third.close();
        }
    }

    private static FileStorage open(Files files, String id) throws IOException {
        return new FileStorage(files, NODE, () -> id, () -> {});
    }

    private static long last(Storage.Content content) {
        return content.entries().isEmpty()
                ? content.snapshot().map(each -> each.index()).orElse(0L)
                : content.entries().getLast().index();
    }

    private static String described(Storage.Content content) {
        StringBuilder text = new StringBuilder(content.ballot().toString());
        content.snapshot()
                .ifPresent(snapshot -> text.append(snapshot.index())
                        .append(' ')
                        .append(snapshot.term())
                        .append(' ')
                        .append(snapshot.voters().directories())
                        .append(Arrays.toString(snapshot.state())));
        content.entries()
                .forEach(entry -> text.append(entry.index())
                        .append(' ')
                        .append(entry.term())
                        .append(' ')
                        .append(entry.kind())
                        .append(Arrays.toString(entry.data())));
        return text.toString();
    }

    /** A disk without faults. */
    private static final class Files implements Disk {
        private final Map<String, byte[]> files = new HashMap<>();

        /** Adds a file, or a frame or slot to one, with its checksum. */
        void put(String name, byte[] content) {
            byte[] before = files.getOrDefault(name, new byte[0]);
            files.put(
                    name,
                    switch (name) {
                        case "entries" -> joined(before, frame(before.length, content));
                        case "confirmed" -> slots(before, content);
                        default -> joined(number(sum(content)), content);
                    });
        }

        /** The mark and checksum of {@link EntryFile}. */
        private static byte[] frame(long position, byte[] content) {
            byte[] place = ByteBuffer.allocate(Long.BYTES + Integer.BYTES)
                    .putLong(position)
                    .putInt(content.length)
                    .array();
            return joined(
                    joined(number(0x48656c69), joined(number(content.length), number(sum(joined(place, content))))),
                    content);
        }

        /** The slots of {@link ConfirmedFile}. */
        private static byte[] slots(byte[] before, byte[] content) {
            byte[] slot = joined(joined(number(sum(content)), number(content.length)), content);
            return before.length == 0 ? slot : joined(Arrays.copyOf(before, 4_096), slot);
        }

        private static byte[] number(int value) {
            return ByteBuffer.allocate(Integer.BYTES).putInt(value).array();
        }

        private static int sum(byte[] bytes) {
            CRC32C sum = new CRC32C();
            sum.update(bytes);
            return (int) sum.getValue();
        }

        private static byte[] joined(byte[] first, byte[] second) {
            byte[] all = Arrays.copyOf(first, first.length + second.length);
            System.arraycopy(second, 0, all, first.length, second.length);
            return all;
        }

        @Override
        public Optional<byte[]> read(String name) {
            return Optional.ofNullable(files.get(name));
        }

        @Override
        public DiskFile open(String name) {
            files.putIfAbsent(name, new byte[0]);
            return new DiskFile() {
                @Override
                public void write(ByteBuffer bytes, long at) {
                    byte[] before = files.getOrDefault(name, new byte[0]);
                    byte[] after =
                            Arrays.copyOf(before, Math.max(before.length, Math.toIntExact(at) + bytes.remaining()));
                    bytes.get(after, Math.toIntExact(at), bytes.remaining());
                    files.put(name, after);
                }

                @Override
                public void truncate(long size) {
                    files.computeIfPresent(
                            name, (same, before) -> Arrays.copyOf(before, (int) Math.min(size, before.length)));
                }

                @Override
                public void force(boolean grown) {}

                @Override
                public void close() {}
            };
        }

        @Override
        public void rename(String from, String to) throws IOException {
            byte[] content = files.remove(from);
            if (content == null) {
                throw new IOException(from + " does not exist");
            }
            files.put(to, content);
        }

        @Override
        public void force() {}

        @Override
        public String toString() {
            return "the directory";
        }
    }
}
