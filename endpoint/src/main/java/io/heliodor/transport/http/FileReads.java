package io.heliodor.transport.http;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Semaphore;

/**
 * Reads of files, a few at a time: a read blocks a processor's carrier thread, which the handlers of channels need too.
 * Any thread that may block.
 */
public final class FileReads {
    private final Semaphore free;

    /** One read at a time for every two processors. */
    public FileReads() {
        this(Math.max(1, Runtime.getRuntime().availableProcessors() / 2));
    }

    FileReads(int max) {
        this.free = new Semaphore(max, true);
    }

    /** A file that is read in pieces, from its beginning to its end. */
    interface Pieces extends Closeable {
        /**
         * The next bytes; fewer than the length only at the end of the file. Blocks.
         *
         * @throws ChangedException if the file has changed since it was found
         */
        byte[] next(int length) throws IOException;

        @Override
        void close();
    }

    /** Thrown when a file is not the version that was found any more. */
    static final class ChangedException extends IOException {
        private static final long serialVersionUID = 1L;

        ChangedException() {
            super("the file changed while it was read");
        }
    }

    /**
     * Opens a version of a file. Between two pieces it is closed, so clients that read slowly hold no descriptors. An entry of
     * a jar has none, and stays open.
     */
    Pieces open(Path file, FileVersion version) throws IOException {
        return file.getFileSystem().equals(FileSystems.getDefault()) ? new Reopened(file, version) : new Opened(file);
    }

    private final class Reopened implements Pieces {
        private final Path file;
        private final FileVersion version;
        private long position;

        Reopened(Path file, FileVersion version) {
            this.file = file;
            this.version = version;
        }

        @Override
        public byte[] next(int length) throws IOException {
            free.acquireUninterruptibly();
            try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
                ByteBuffer piece = ByteBuffer.allocate(Math.clamp(version.size() - position, 0, length));
                while (piece.hasRemaining() && in.read(piece, position + piece.position()) >= 0) {
                    // until the piece is full
                }
                position += piece.position();
                if (piece.hasRemaining() || !FileVersion.of(file).equals(version)) {
                    throw new ChangedException();
                }
                return piece.array();
            } finally {
                free.release();
            }
        }

        @Override
        public void close() {}
    }

    private final class Opened implements Pieces {
        private final InputStream in;

        Opened(Path file) throws IOException {
            this.in = Files.newInputStream(file);
        }

        @Override
        public byte[] next(int length) throws IOException {
            free.acquireUninterruptibly();
            try {
                return in.readNBytes(length);
            } finally {
                free.release();
            }
        }

        @Override
        public void close() {
            try {
                in.close();
            } catch (IOException e) {
                StaticFiles.LOG.debug("A file could not be closed.", e);
            }
        }
    }
}
