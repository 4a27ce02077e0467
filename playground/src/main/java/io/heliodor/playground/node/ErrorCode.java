package io.heliodor.playground.node;

import java.util.Locale;

/** The reason of a failed command; programs get the name in lower case. */
enum ErrorCode {
    BAD_COMMAND,
    BAD_NAME,
    BAD_COOKIE,
    BAD_DIRECTORY,
    ALREADY_STARTED,
    PORT_IN_USE,
    /** It may or may not have happened. */
    UNKNOWN,
    NOT_CONNECTED,
    UNREACHABLE,
    TIMEOUT,
    TARGET_DOWN,
    NO_PROCESS,
    NAME_TAKEN,
    NOT_OWNER,
    NO_QUORUM,
    NO_SUCH_PROCEDURE,
    REMOTE_FAILURE,
    TOO_LARGE,
    LIMIT,
    REFUSED;

    /** As it is printed. */
    String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
