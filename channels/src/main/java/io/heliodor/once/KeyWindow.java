package io.heliodor.once;

import io.heliodor.counter.PartyBytes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The keys that a node has, with the states of their calls. Pure: the time and the members are parameters. Not thread-safe.
 */
public final class KeyWindow {
    /** The heap of a key without its texts and its answer. */
    static final long KEY_BYTES = 512;

    private enum State {
        /** Other nodes are asked for the key. */
        CLAIMED,
        /** This node executes the call. */
        RUNNING,
        /** Another node executes the call. */
        COPY,
        ANSWERED
    }

    private static final class Entry {
        final Fingerprint fingerprint;
        final long bytes;
        State state;

        final KeyOwner owner;

        /** The number of the claim; 0 if this node did not claim it. */
        long claim;

        @Nullable
        KeptAnswer answer;

        /** Another node that has the key; null if none is known. */
        @Nullable
        String holder;

        /** Whether the holder has what this node has. */
        boolean copied;

        /** The time at which the holder got it. */
        long placedAt;

        /** The time at which it is forgotten; null while this node executes the call. */
        @Nullable
        Long expiry;

        Entry(Fingerprint fingerprint, long bytes, State state, KeyOwner owner) {
            this.fingerprint = fingerprint;
            this.bytes = bytes;
            this.state = state;
            this.owner = owner;
        }

        long allBytes() {
            return bytes + size(answer);
        }
    }

    /** The keys of an id. One without keys that is not suspended is not kept. */
    private static final class Keys {
        final Map<String, Entry> entries = new HashMap<>();

        /** The time until which none of its calls is executed, since its keys were forgotten; null for none. */
        @Nullable
        Long suspendedUntil;
    }

    private final KeyOwner self;
    private final OnceLimits limits;
    private final Map<String, Keys> byId = new HashMap<>();

    /** The bytes by id. */
    private final PartyBytes<String> bytes = new PartyBytes<>();

    private long claims;
    private long taken;

    /**
     * Without keys.
     *
     * @param self the owner of the calls that this node executes
     * @param limits the limits
     */
    public KeyWindow(KeyOwner self, OnceLimits limits) {
        this.self = self;
        this.limits = limits;
    }

    /**
     * The size of all keys and answers.
     *
     * @return bytes
     */
    public long bytes() {
        return bytes.bytes();
    }

    /**
     * The number of times that the id that held most gave up its answers or keys for another one.
     *
     * @return since the start
     */
    public long taken() {
        return taken;
    }

    /**
     * The number of keys.
     *
     * @return 0 or more
     */
    public int size() {
        return byId.values().stream().mapToInt(keys -> keys.entries.size()).sum();
    }

    /**
     * A call of a client of this node. If this node has nothing of the key, it is claimed.
     *
     * @param members the names of the nodes in the view
     */
    public Finding begin(CallKey key, Fingerprint fingerprint, Set<String> members, long now) {
        if (isSuspended(key, now)) {
            return new Finding.Full();
        }
        Finding found = find(key, fingerprint, members, now);
        if (!(found instanceof Finding.Nothing)) {
            return found;
        }
        if (isFull(key, now)) {
            return new Finding.Full();
        }
        Entry claimed = new Entry(fingerprint, size(key), State.CLAIMED, self);
        claimed.claim = ++claims;
        put(key, claimed);
        return new Finding.Claimed(claimed.claim);
    }

    /** The state of a key at this node. */
    public Finding find(CallKey key, Fingerprint fingerprint, Set<String> members, long now) {
        Entry entry = live(key, now);
        if (entry == null) {
            return isSuspended(key, now) ? new Finding.Unknown() : new Finding.Nothing();
        }
        if (!entry.fingerprint.equals(fingerprint)) {
            return new Finding.Reused();
        }
        if (entry.answer != null) {
            return new Finding.Answered(entry.answer);
        }
        return entry.owner.equals(self) || members.contains(entry.owner.node())
                ? new Finding.Running(entry.owner)
                : new Finding.Unknown();
    }

    /** A claim of another node. A claim of this node yields to it if the name of the other one is less. */
    public Finding claimedBy(String claimant, CallKey key, Fingerprint fingerprint, Set<String> members, long now) {
        Entry entry = live(key, now);
        if (entry != null
                && entry.state == State.CLAIMED
                && entry.fingerprint.equals(fingerprint)
                && claimant.compareTo(self.node()) < 0) {
            remove(key);
            return new Finding.Nothing();
        }
        return find(key, fingerprint, members, now);
    }

    /** Whether this node may execute the call: its claim has not yielded. It then runs. */
    public boolean grant(CallKey key, long claim) {
        Entry entry = entry(key);
        if (entry == null || entry.state != State.CLAIMED || entry.claim != claim) {
            return false;
        }
        entry.state = State.RUNNING;
        return true;
    }

    /** Gives up a claim whose call was not executed, unless it has yielded. */
    public void release(CallKey key, long claim) {
        Entry entry = entry(key);
        if (entry != null && (entry.state == State.CLAIMED || entry.state == State.RUNNING) && entry.claim == claim) {
            remove(key);
        }
    }

    /**
     * The call that runs here was answered. An answer beyond a limit is not kept, and is unknown to repeats.
     *
     * @param claim the number of its claim
     * @return whether the answer is kept as it is
     */
    public boolean answered(CallKey key, long claim, KeptAnswer answer, long now) {
        Entry entry = entry(key);
        if (entry == null || entry.state != State.RUNNING || entry.claim != claim) {
            return true; // an answer of the same call was first
        }
        boolean fits = fits(key, answer, now);
        answer(key, entry, fits ? answer : KeptAnswer.UNKNOWN, now);
        entry.copied = false;
        return fits;
    }

    private boolean fits(CallKey key, KeptAnswer answer, long now) {
        int size = answer.payload().length;
        return size <= limits.answerBytes()
                && bytes.of(key.id()) + size <= limits.bytesOfId()
                && makeRoom(key.id(), size, now);
    }

    /**
     * Takes from the ids that hold most until there is room for another one, first their answers, then their keys. Returns false if
     * the other one would be the one that holds most.
     */
    private boolean makeRoom(String id, long more, long now) {
        while (bytes.bytes() + more > limits.bytes()) {
            String largest = bytes.largest();
            Keys keys = largest == null ? null : byId.get(largest);
            if (largest == null || keys == null || keys.entries.isEmpty() || bytes.of(id) + more >= bytes.of(largest)) {
                return false;
            }
            takeFrom(largest, keys, now);
        }
        return true;
    }

    /** Repeats of an answer that is taken get {@code unknown}. An id without keys executes nothing: a repeat would be executed again. */
    private void takeFrom(String id, Keys keys, long now) {
        taken++;
        long before = bytes.of(id);
        for (Entry entry : keys.entries.values()) {
            if (size(entry.answer) > 0) {
                bytes.add(id, -size(entry.answer));
                entry.answer = KeptAnswer.UNKNOWN;
            }
        }
        if (bytes.of(id) < before) {
            return;
        }
        long until = now;
        for (Entry entry : keys.entries.values()) {
            until = Math.max(until, entry.expiry == null ? now + 2 * limits.windowNanos() : entry.expiry);
        }
        keys.entries.clear();
        keys.suspendedUntil = until;
        bytes.add(id, size(new CallKey(id, "")) - before);
    }

    private boolean isSuspended(CallKey key, long now) {
        Keys keys = byId.get(key.id());
        return keys != null && keys.suspendedUntil != null && now - keys.suspendedUntil < 0;
    }

    private void answer(CallKey key, Entry entry, KeptAnswer answer, long now) {
        entry.state = State.ANSWERED;
        entry.answer = answer;
        entry.expiry = now + limits.windowNanos();
        count(key, size(answer));
    }

    /**
     * Keeps the call of another node.
     *
     * @param from the node that sent it, which has it, too
     * @return false if a limit is reached
     */
    public boolean keep(KeptCall call, String from, long now) {
        CallKey key = call.key();
        Entry entry = live(key, now);
        if (entry != null && (entry.state == State.ANSWERED || entry.state == State.RUNNING)) {
            return true; // of two calls, on two sides of a partition, each side keeps its own
        }
        if (call.owner().equals(self)) {
            return true; // a late copy of a call that was forgotten here
        }
        if (entry == null && (isSuspended(key, now) || isFull(key, now))) {
            return false;
        }
        if (entry != null) {
            remove(key);
        }
        Entry copy = new Entry(call.fingerprint(), size(key), State.COPY, call.owner());
        copy.holder = from;
        copy.copied = true;
        copy.expiry = now + 2 * limits.windowNanos(); // the owner renews it after one
        put(key, copy);
        call.answer().ifPresent(answer -> answer(key, copy, fits(key, answer, now) ? answer : KeptAnswer.UNKNOWN, now));
        return true;
    }

    /** Another node has confirmed that it keeps a call as it was sent. */
    public void placed(KeptCall sent, String holder, long now) {
        Entry entry = entry(sent.key());
        if (entry != null && entry.fingerprint.equals(sent.fingerprint())) {
            entry.holder = holder;
            entry.placedAt = now;
            entry.copied = sent.answer().isPresent() == (entry.answer != null);
        }
    }

    /** The node that has a copy of a key; empty if none is known. */
    public Optional<String> holder(CallKey key) {
        return Optional.ofNullable(entry(key)).map(entry -> entry.holder);
    }

    /** A call as it is copied; empty if this node does not have it. */
    public Optional<KeptCall> call(CallKey key) {
        return Optional.ofNullable(entry(key)).map(entry -> call(key, entry));
    }

    private static KeptCall call(CallKey key, Entry entry) {
        return new KeptCall(key, entry.fingerprint, entry.owner, Optional.ofNullable(entry.answer));
    }

    /** The calls that a node that leaves hands over. */
    public List<KeptCall> all() {
        return select(entry -> entry.state != State.CLAIMED);
    }

    /**
     * Forgets keys whose time is over.
     *
     * @param members the names of the nodes in the view
     * @return the calls to copy: no other member has all of them, or has had its copy for a window
     */
    public List<KeptCall> sweep(Set<String> members, long now) {
        for (Iterator<Map.Entry<String, Keys>> ids = byId.entrySet().iterator(); ids.hasNext(); ) {
            Map.Entry<String, Keys> id = ids.next();
            Keys keys = id.getValue();
            keys.entries.values().removeIf(entry -> {
                boolean over = isOver(entry, now);
                if (over) {
                    bytes.add(id.getKey(), -entry.allBytes());
                }
                return over;
            });
            if (keys.suspendedUntil != null && now - keys.suspendedUntil >= 0) {
                keys.suspendedUntil = null;
                bytes.add(id.getKey(), -size(new CallKey(id.getKey(), "")));
            }
            if (keys.entries.isEmpty() && keys.suspendedUntil == null) {
                ids.remove();
            }
        }
        return select(entry -> switch (entry.state) {
            case RUNNING -> !isCopied(entry, members) || now - entry.placedAt >= limits.windowNanos();
            case ANSWERED -> !isCopied(entry, members);
            case COPY -> !members.contains(entry.owner.node()) && !isCopied(entry, members);
            case CLAIMED -> false;
        });
    }

    private static boolean isCopied(Entry entry, Set<String> members) {
        return entry.copied && entry.holder != null && members.contains(entry.holder);
    }

    private List<KeptCall> select(Predicate<Entry> wanted) {
        List<KeptCall> selected = new ArrayList<>();
        byId.forEach((id, keys) -> keys.entries.forEach((key, entry) -> {
            if (wanted.test(entry)) {
                selected.add(call(new CallKey(id, key), entry));
            }
        }));
        return selected;
    }

    private boolean isFull(CallKey key, long now) {
        long more = size(key);
        Keys keys = byId.get(key.id());
        return (keys != null && keys.entries.size() >= limits.keysOfId())
                || bytes.of(key.id()) + more > limits.bytesOfId()
                || !makeRoom(key.id(), more, now);
    }

    private static long size(CallKey key) {
        return KEY_BYTES + 2L * (key.id().length() + key.key().length());
    }

    /** All unknown answers are one object. */
    @SuppressWarnings("ReferenceEquality") // that of another node is another object, which is held
    private static int size(@Nullable KeptAnswer answer) {
        return answer == null || answer == KeptAnswer.UNKNOWN ? 0 : answer.payload().length;
    }

    private static boolean isOver(Entry entry, long now) {
        return entry.expiry != null && now - entry.expiry >= 0;
    }

    private @Nullable Entry live(CallKey key, long now) {
        Entry entry = entry(key);
        if (entry != null && isOver(entry, now)) {
            remove(key);
            return null;
        }
        return entry;
    }

    private @Nullable Entry entry(CallKey key) {
        Keys keys = byId.get(key.id());
        return keys == null ? null : keys.entries.get(key.key());
    }

    private void put(CallKey key, Entry entry) {
        byId.computeIfAbsent(key.id(), _ -> new Keys()).entries.put(key.key(), entry);
        count(key, entry.allBytes());
    }

    private void remove(CallKey key) {
        Keys keys = byId.get(key.id());
        Entry removed = keys == null ? null : keys.entries.remove(key.key());
        if (keys != null && removed != null) {
            count(key, -removed.allBytes());
            if (keys.entries.isEmpty() && keys.suspendedUntil == null) {
                byId.remove(key.id());
            }
        }
    }

    private void count(CallKey key, long more) {
        bytes.add(key.id(), more);
    }
}
