package io.heliodor.session;

import java.net.SocketException;
import java.nio.channels.ClosedByInterruptException;
import org.jspecify.annotations.Nullable;

/** Recognizes what a thread throws that was interrupted. */
final class Interrupts {
    /** A chain of causes may be a circle. */
    private static final int MAX_CAUSES = 20;

    private Interrupts() {}

    /** Whether an interrupt is the exception or among its causes. */
    static boolean caused(Throwable thrown) {
        Throwable each = thrown;
        for (int i = 0; i < MAX_CAUSES && each != null; i++) {
            if (interrupt(each)) {
                return true;
            }
            each = each.getCause();
        }
        return false;
    }

    private static boolean interrupt(@Nullable Throwable each) {
        return each instanceof InterruptedException
                || each instanceof ClosedByInterruptException
                // What a socket throws on a virtual thread; the class alone says only that it broke.
                || (each instanceof SocketException && "Closed by interrupt".equals(each.getMessage()));
    }
}
