package io.heliodor.session.channel;

import java.net.SocketException;
import java.nio.channels.ClosedByInterruptException;

/** Recognizes the exceptions of interrupted threads. */
final class Interrupts {
    /** A chain of causes may be a circle. */
    private static final int MAX_CAUSES = 20;

    private Interrupts() {}

    /** Whether an interrupt is the exception or among its causes. */
    static boolean caused(Throwable thrown) {
        Throwable each = thrown;
        for (int i = 0; i < MAX_CAUSES && each != null; i++) {
            if (isInterrupt(each)) {
                return true;
            }
            each = each.getCause();
        }
        return false;
    }

    private static boolean isInterrupt(Throwable each) {
        return each instanceof InterruptedException
                || each instanceof ClosedByInterruptException
                // The exception of a socket on a virtual thread; its class alone means only that the socket broke.
                || (each instanceof SocketException && "Closed by interrupt".equals(each.getMessage()));
    }
}
