package io.heliodor.spring.boot;

import io.heliodor.channel.Outgoing;
import io.heliodor.channel.SendHook;
import io.heliodor.log.BoundedLog;
import io.heliodor.log.FailureLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** Sends messages after the commit of the transaction of their thread, in the order of the calls; at once without a transaction. */
final class AfterCommit implements SendHook {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.spring");

    private final FailureLog failures = new FailureLog(LOG, System::nanoTime);
    private final BoundedLog unknown = new BoundedLog(LOG, "transactions with an unknown end", System::nanoTime);

    @Override
    public void send(Outgoing message) {
        if (!TransactionSynchronizationManager.isSynchronizationActive()) {
            message.run();
            return;
        }
        // Not afterCommit: code that runs then would register too late for it, and its message would be lost.
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCompletion(int status) {
                if (status == STATUS_COMMITTED) {
                    run(message);
                } else if (status == STATUS_UNKNOWN) {
                    unknown.warn(
                            "A message was not sent, because it is unknown whether its transaction was committed.");
                }
            }
        });
    }

    @Override
    public void checkMayWait() {
        if (TransactionSynchronizationManager.isSynchronizationActive()) {
            throw new IllegalStateException(
                    "The count of a push is known after the commit of its transaction, so this thread would wait for itself, with its"
                            + " database connection: do not wait for it within the transaction. Use thenAccept, or send at once by"
                            + " channels.now().push(...).");
        }
    }

    /** The transaction is committed, so a failure cannot be thrown to its code. */
    private void run(Runnable message) {
        try {
            message.run();
        } catch (RuntimeException e) {
            failures.error("A message", e, () -> "could not be sent after the commit of its transaction.");
        }
    }
}
