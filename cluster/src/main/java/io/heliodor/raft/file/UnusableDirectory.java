package io.heliodor.raft.file;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A directory that a voter cannot use, and why. Nothing in it was changed. */
public final class UnusableDirectory extends IOException {
    private static final long serialVersionUID = 1L;

    UnusableDirectory(String message) {
        this(message, null);
    }

    UnusableDirectory(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
