package io.heliodor.spring.boot;

import io.heliodor.channel.Outgoing;
import io.heliodor.channel.SendHook;
import io.heliodor.log.BoundedLog;
import io.heliodor.log.FailureLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** Sends messages after the commit of the transaction of their thread, in the order of the calls; at once without a transaction. */
final class AfterCommit implements SendHook {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.spring");

    private final FailureLog failures = new FailureLog(LOG, System::nanoTime);
    private final BoundedLog unknown = new BoundedLog(LOG, "transactions with an unknown end", System::nanoTime);

    @Override
    public void send(Outgoing message) {
        // Spring synchronizes code of SUPPORTS and NOT_SUPPORTED also without a transaction: no rollback undoes its
        // rows.
        if (!TransactionSynchronizationManager.isSynchronizationActive()
                || !TransactionSynchronizationManager.isActualTransactionActive()) {
            message.run();
            return;
        }
        HeldMessages held = TransactionSynchronizationManager.getSynchronizations().stream()
                .filter(HeldMessages.class::isInstance)
                .map(HeldMessages.class::cast)
                .findFirst()
                .orElseGet(this::register);
        held.messages.add(message);
    }

    private HeldMessages register() {
        HeldMessages held = new HeldMessages();
        TransactionSynchronizationManager.registerSynchronization(held);
        return held;
    }

    @Override
    public void checkMayWait() {
        // Code of NOT_SUPPORTED would wait for the transaction that Spring has suspended for it.
        if (TransactionSynchronizationManager.isSynchronizationActive()) {
            throw new IllegalStateException(
                    "The count of a push is known after the commit of its transaction, so this thread would wait for itself, with its"
                            + " database connection: do not wait for it within the transaction. Use thenAccept, or send at once by"
                            + " channels.now().push(...).");
        }
    }

    /** The messages of one transaction. */
    private final class HeldMessages implements TransactionSynchronization {
        private final List<Outgoing> messages = new ArrayList<>();

        /** The number of messages at each savepoint. The keys are weak, since Spring does not tell when one is released. */
        private final Map<Object, Integer> savepoints = new WeakHashMap<>();

        /** Before listeners of the commit, so that what they send comes after the transaction. */
        @Override
        public int getOrder() {
            return Ordered.HIGHEST_PRECEDENCE;
        }

        @Override
        public void savepoint(Object savepoint) {
            savepoints.put(savepoint, messages.size());
        }

        @Override
        public void savepointRollback(Object savepoint) {
            // An unknown one is older than the first message; one within a savepoint that was rolled back may have more
            // of them.
            int kept = Math.min(savepoints.getOrDefault(savepoint, 0), messages.size());
            messages.subList(kept, messages.size()).clear();
        }

        // Not afterCommit: code that runs then still adds messages, and a transaction that Spring only joined is not
        // committed yet.
        @Override
        public void afterCompletion(int status) {
            if (status == STATUS_COMMITTED) {
                messages.forEach(this::run);
            } else if (status == STATUS_UNKNOWN && !messages.isEmpty()) {
                unknown.warn(
                        "{} messages were not sent, because it is unknown whether their transaction was committed.",
                        messages.size());
            }
        }

        /** The transaction is committed, so a failure cannot be thrown to its code. */
        private void run(Outgoing message) {
            try {
                message.run();
            } catch (RuntimeException e) {
                failures.error("A message", e, () -> "could not be sent after the commit of its transaction.");
            }
        }
    }
}
