package io.heliodor.session.channel;

import io.heliodor.type.text.ControlCharacters;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log about exceptions and errors of user code. It throws nothing: an exception whose message cannot be computed, or a back end with
 * a missing class, must not keep a channel from its end. Any thread may use it.
 */
final class FailureLog {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.channel");

    private FailureLog() {}

    /**
     * Writes a line.
     *
     * @param topic the topic of the channel
     * @param thrown the exception or error that the line is about
     * @param line writes it; if that throws, a line with the classes alone is written
     */
    static void write(String topic, Throwable thrown, Runnable line) {
        try {
            line.run();
        } catch (Throwable e) {
            try {
                LOG.error(
                        "Channel {} failed with {}, which could not be logged because of {}.",
                        ControlCharacters.escaped(topic),
                        thrown.getClass().getName(),
                        e.getClass().getName());
            } catch (Throwable _) {
                // The log itself fails, and nothing else could report it.
            }
        }
    }
}
