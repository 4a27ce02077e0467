package io.heliodor.raft.file;

import java.io.IOException;
import java.nio.ByteBuffer;

/** A file of a {@link Disk} that is open. */
interface DiskFile extends AutoCloseable {
    /** Writes all of a buffer at a position. */
    void write(ByteBuffer bytes, long at) throws IOException;

    /** Drops all bytes from a position on. */
    void truncate(long size) throws IOException;

    /**
     * Returns when all that was written is durable.
     *
     * @param grown whether the size of the file may be another one than before
     */
    void force(boolean grown) throws IOException;

    @Override
    void close() throws IOException;
}
