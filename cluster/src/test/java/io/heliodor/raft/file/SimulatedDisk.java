package io.heliodor.raft.file;

import io.heliodor.raft.Storage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

/**
 * A disk in memory. A crash of the machine loses any part of what was not forced: blocks of writes, sizes, and names, in any
 * order. In addition each file can be damaged.
 */
public final class SimulatedDisk implements Disk {
    private static final int BLOCK = 512;

    /** A step of a write: it may throw, as a crash or a failure of the disk. */
    public interface Step {
        /**
         * Called before and after each change.
         *
         * @throws IOException when the disk fails
         */
        void take() throws IOException;
    }

    /** A kind of damage of one file. */
    public enum Damage {
        MISSING,
        EMPTY,
        ZEROED,
        CUT,
        OLD
    }

    /** The content of a file, by whatever names it has. */
    private static final class Content {
        byte[] present = new byte[0];
        byte[] durable = present;

        /** Each one is a whole content: the size and the blocks that differ may become durable by themselves. */
        final List<byte[]> unforced = new ArrayList<>();

        void change(byte[] next) {
            present = next;
            unforced.add(next);
        }

        void force() {
            durable = present;
            unforced.clear();
        }

        void crash(Random random) {
            byte[] left = durable;
            for (byte[] each : unforced) {
                int size = random.nextBoolean() ? each.length : left.length;
                byte[] next = Arrays.copyOf(left, size);
                for (int at = 0; at < Math.min(size, each.length); at += BLOCK) {
                    int end = Math.min(Math.min(size, each.length), at + BLOCK);
                    if (random.nextBoolean()) {
                        System.arraycopy(each, at, next, at, end - at);
                    }
                }
                left = next;
            }
            present = left;
            force();
        }
    }

    private interface Naming {
        void apply(Map<String, Content> names);
    }

    private final Map<String, Content> names = new TreeMap<>();
    private final Map<String, Content> durableNames = new TreeMap<>();
    private final List<Naming> unforcedNames = new ArrayList<>();

    /** By name: what a file had when it was forced or named. */
    private final Map<String, List<byte[]>> versions = new HashMap<>();

    private Step step = () -> {};

    /**
     * Sets the step of the writes from now on.
     *
     * @param next the step
     */
    public void step(Step next) {
        step = next;
    }

    /**
     * Opens the storage of a node on this disk.
     *
     * @param node the node
     * @param random draws the id of the directory, if it needs one
     * @return the storage
     * @throws IOException when the step throws it, or the directory is refused
     */
    public Storage open(String node, Random random) throws IOException {
        return new FileStorage(this, node, () -> Long.toHexString(random.nextLong()), () -> {});
    }

    /**
     * The machine crashes.
     *
     * @param random decides which unforced changes are lost
     */
    public void crash(Random random) {
        for (Naming each : unforcedNames) {
            if (random.nextBoolean()) {
                each.apply(durableNames);
            }
        }
        unforcedNames.clear();
        names.clear();
        names.putAll(durableNames);
        names.values().forEach(content -> content.crash(random));
    }

    /**
     * Damages a file.
     *
     * @param name its name
     * @param damage the kind
     * @param random decides what is left of it
     */
    public void damage(String name, Damage damage, Random random) {
        Content content = names.get(name);
        if (content == null) {
            return;
        }
        // A later crash must not undo the damage.
        unforcedNames.forEach(naming -> naming.apply(durableNames));
        unforcedNames.clear();
        switch (damage) {
            case MISSING -> {
                names.remove(name);
                durableNames.remove(name);
            }
            case EMPTY -> content.change(new byte[0]);
            case ZEROED -> content.change(new byte[content.present.length]);
            case CUT -> content.change(Arrays.copyOf(content.present, random.nextInt(content.present.length + 1)));
            case OLD -> {
                List<byte[]> olds = versions.getOrDefault(name, List.of());
                if (!olds.isEmpty()) {
                    content.change(olds.get(random.nextInt(olds.size())));
                }
            }
        }
        content.force();
    }

    /**
     * The names of its files.
     *
     * @return in order
     */
    public List<String> files() {
        return List.copyOf(names.keySet());
    }

    private void remember(String name, Content content) {
        versions.computeIfAbsent(name, _ -> new ArrayList<>()).add(content.present);
    }

    @Override
    public Optional<byte[]> read(String name) {
        return Optional.ofNullable(names.get(name)).map(content -> content.present.clone());
    }

    @Override
    public DiskFile open(String name) throws IOException {
        Content content = names.get(name);
        if (content == null) {
            step.take();
            Content created = new Content();
            Naming naming = to -> to.put(name, created);
            naming.apply(names);
            unforcedNames.add(naming);
            content = created;
            step.take();
        }
        return new Open(name, content);
    }

    @Override
    public void rename(String from, String to) throws IOException {
        step.take();
        Content content = names.get(from);
        if (content == null) {
            throw new IOException("no file " + from);
        }
        Naming naming = in -> {
            in.remove(from, content);
            in.put(to, content);
        };
        naming.apply(names);
        unforcedNames.add(naming);
        remember(to, content);
        step.take();
    }

    @Override
    public void force() throws IOException {
        step.take();
        unforcedNames.forEach(naming -> naming.apply(durableNames));
        unforcedNames.clear();
        step.take();
    }

    @Override
    public String toString() {
        return "the simulated disk";
    }

    private final class Open implements DiskFile {
        private final String name;
        private final Content content;

        Open(String name, Content content) {
            this.name = name;
            this.content = content;
        }

        @Override
        public void write(ByteBuffer bytes, long at) throws IOException {
            int size = bytes.remaining();
            // A crash or a failure may leave a part of a write.
            step.take();
            int half = size / 2;
            put(bytes, (int) at, half);
            step.take();
            put(bytes, (int) at + half, size - half);
            step.take();
        }

        private void put(ByteBuffer bytes, int at, int count) {
            byte[] next = Arrays.copyOf(content.present, Math.max(content.present.length, at + count));
            bytes.get(next, at, count);
            content.change(next);
        }

        @Override
        public void truncate(long size) throws IOException {
            if (size < content.present.length) {
                step.take();
                content.change(Arrays.copyOf(content.present, (int) size));
                step.take();
            }
        }

        @Override
        public void force(boolean grown) throws IOException {
            step.take();
            content.force();
            remember(name, content);
            step.take();
        }

        @Override
        public void close() {}
    }
}
