package io.heliodor.counter;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The bytes that parties hold of a pool that they share: who holds how much, and who holds most, which is found in logarithmic time.
 * Not thread-safe.
 *
 * <p>A pool that is full takes from the party that holds most, so that a party that holds less than its share is never refused for
 * the others: of n parties that fill a pool, one holds at least an n-th of it.
 *
 * @param <P> a party
 */
public final class PartyBytes<P> {
    private static final class Account<P> {
        final P party;
        final long number;
        long bytes;

        Account(P party, long number) {
            this.party = party;
            this.number = number;
        }
    }

    private final Map<P, Account<P>> accounts = new HashMap<>();

    /** The largest last; of equal ones the newest. */
    private final TreeSet<Account<P>> ordered =
            new TreeSet<>(Comparator.<Account<P>>comparingLong(account -> account.bytes)
                    .thenComparingLong(account -> account.number));

    private long bytes;
    private long numbers;

    /** No party holds anything. */
    public PartyBytes() {}

    /**
     * Adds to the bytes of a party.
     *
     * @param party the party
     * @param more negative to subtract; a party without bytes is forgotten
     */
    public void add(P party, long more) {
        Account<P> account = accounts.computeIfAbsent(party, key -> new Account<>(key, numbers++));
        boolean _ = ordered.remove(account);
        account.bytes += more;
        bytes += more;
        if (account.bytes == 0) {
            accounts.remove(party);
        } else {
            ordered.add(account);
        }
    }

    /**
     * The bytes of a party.
     *
     * @param party the party
     * @return 0 for one that is not known
     */
    public long of(P party) {
        Account<P> account = accounts.get(party);
        return account == null ? 0 : account.bytes;
    }

    /**
     * The bytes of all parties.
     *
     * @return 0 or more
     */
    public long bytes() {
        return bytes;
    }

    /**
     * The party that holds most.
     *
     * @return null if no party holds anything
     */
    public @Nullable P largest() {
        return ordered.isEmpty() ? null : ordered.last().party;
    }
}
