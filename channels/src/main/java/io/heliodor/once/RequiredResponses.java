package io.heliodor.once;

import io.heliodor.counter.PartyBytes;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The nodes whose responses a claim of this node needs, whether or not they are in its view: those to which it has promised the key, and after
 * a pause the members before it. Pure. Not thread-safe.
 */
final class RequiredResponses {
    /** The heap of a promised key, and of one claimant of it, without their texts. */
    private static final long PROMISE_BYTES = 256;

    private static final long CLAIMANT_BYTES = 128;

    private final String self;
    private final OnceLimits limits;

    /** The keys that other nodes have claimed, with the time of each claimant. */
    private final Map<CallKey, Map<String, Long>> promises = new HashMap<>();

    /** The bytes of these by id. */
    private final PartyBytes<String> bytes = new PartyBytes<>();

    /** The members when this node ran last. */
    private Set<String> lastMembers = Set.of();

    /** When this node ran last; null before that. */
    @Nullable
    private Long lastRun;

    /** The members before the last pause, without which no call is executed until they are back or the time is over. */
    private Set<String> awaitedMembers = Set.of();

    private long awaitedUntil;

    RequiredResponses(String self, OnceLimits limits) {
        this.self = self;
        this.limits = limits;
    }

    /** The size of all promises. */
    long bytes() {
        return bytes.bytes();
    }

    /** Notices a pause of this node, which may not know yet that the others have excluded it. */
    void ran(Set<String> members, long now) {
        if (lastRun != null && now - lastRun >= KeyWindow.PAUSE_NANOS) {
            Set<String> awaited = new HashSet<>(lastMembers);
            if (now - awaitedUntil < 0) {
                awaited.addAll(awaitedMembers);
            }
            awaitedMembers = awaited;
            awaitedUntil = now + KeyWindow.RETURN_NANOS;
        }
        lastRun = now;
        lastMembers = members;
    }

    /**
     * Promises a claimant that no call with a key is executed here for {@link KeyWindow#CLAIM_NANOS} without asking it.
     *
     * @return nothing, promised if others have claimed the key as well, and not sure if there is no room for the promise
     */
    Finding promise(String claimant, CallKey key, long now) {
        Set<String> others = promisedTo(key, now);
        others.remove(claimant);
        Map<String, Long> claimants = promises.getOrDefault(key, Map.of());
        long more = claimants.containsKey(claimant)
                ? 0
                : CLAIMANT_BYTES + 2L * claimant.length() + (claimants.isEmpty() ? size(key) : 0);
        if (more > 0) {
            // At most as much as is free: else a few ids would leave no room for others.
            if (bytes.of(key.id()) + more > Math.min(limits.bytesOfId(), limits.promiseBytes() - bytes.bytes())) {
                return new Finding.Unsure();
            }
            bytes.add(key.id(), more);
        }
        promises.computeIfAbsent(key, _ -> new HashMap<>(2)).put(claimant, now);
        return others.isEmpty() ? new Finding.Nothing() : new Finding.Promised(others);
    }

    private static long size(CallKey key) {
        return PROMISE_BYTES + 2L * (key.id().length() + key.key().length());
    }

    /** The nodes whose claims of a key count at a time. */
    private Set<String> promisedTo(CallKey key, long now) {
        Set<String> nodes = new HashSet<>();
        promises.getOrDefault(key, Map.of()).forEach((claimant, since) -> {
            if (now - since < KeyWindow.CLAIM_NANOS) {
                nodes.add(claimant);
            }
        });
        return nodes;
    }

    /** Whether all of them are among the nodes that have responded to a claim. */
    boolean areAmong(Set<String> asked, CallKey key, long claimedAt, long now) {
        return (now - awaitedUntil >= 0 || areAmong(asked, awaitedMembers))
                && areAmong(asked, promisedTo(key, claimedAt));
    }

    private boolean areAmong(Set<String> asked, Set<String> nodes) {
        return nodes.stream().allMatch(node -> node.equals(self) || asked.contains(node));
    }

    /** Forgets promises that are over. */
    void sweep(long now) {
        promises.entrySet().removeIf(promise -> {
            CallKey key = promise.getKey();
            Map<String, Long> claimants = promise.getValue();
            claimants.entrySet().removeIf(claimant -> {
                // A claim that began before the end of a promise may be granted later.
                boolean over = now - claimant.getValue() >= 2 * KeyWindow.CLAIM_NANOS;
                if (over) {
                    bytes.add(key.id(), -CLAIMANT_BYTES - 2L * claimant.getKey().length());
                }
                return over;
            });
            if (claimants.isEmpty()) {
                bytes.add(key.id(), -size(key));
            }
            return claimants.isEmpty();
        });
    }
}
