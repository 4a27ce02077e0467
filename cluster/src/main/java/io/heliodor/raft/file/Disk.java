package io.heliodor.raft.file;

import java.io.IOException;
import java.util.Optional;

/**
 * The files of one directory. A crash of the machine may lose each write that was not forced, and each name. Tests have a
 * disk that does. One thread.
 */
interface Disk {
    /** The whole content of a file; empty if there is no such file. */
    Optional<byte[]> read(String name) throws IOException;

    /** Opens a file to write to it, and creates it if it does not exist. */
    DiskFile open(String name) throws IOException;

    /** Gives a file another name, and replaces the file that had it. A crash leaves the one or the other. */
    void rename(String from, String to) throws IOException;

    /** Returns when all names are durable. */
    void force() throws IOException;
}
