package io.heliodor.once;

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
            return answer == null ? bytes : bytes + answer.payload().length;
        }
    }

    /** The keys of an id. One without keys is not kept. */
    private static final class Keys {
        final Map<String, Entry> entries = new HashMap<>();
        long bytes;
    }

    private final KeyOwner self;
    private final OnceLimits limits;
    private final Map<String, Keys> byId = new HashMap<>();
    private long bytes;
    private long claims;

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
        return bytes;
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
        Finding found = find(key, fingerprint, members, now);
        if (!(found instanceof Finding.Nothing)) {
            return found;
        }
        if (isFull(key)) {
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
            return new Finding.Nothing();
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
        boolean fits = fits(key, answer);
        answer(key, entry, fits ? answer : KeptAnswer.UNKNOWN, now);
        entry.copied = false;
        return fits;
    }

    private boolean fits(CallKey key, KeptAnswer answer) {
        int size = answer.payload().length;
        Keys keys = byId.get(key.id());
        return size <= limits.answerBytes()
                && bytes + size <= limits.bytes()
                && (keys == null ? 0 : keys.bytes) + size <= limits.bytesOfId();
    }

    private void answer(CallKey key, Entry entry, KeptAnswer answer, long now) {
        entry.state = State.ANSWERED;
        entry.answer = answer;
        entry.expiry = now + limits.windowNanos();
        count(key, answer.payload().length);
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
        if (entry == null && isFull(key)) {
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
        call.answer().ifPresent(answer -> answer(key, copy, fits(key, answer) ? answer : KeptAnswer.UNKNOWN, now));
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
            Keys keys = ids.next().getValue();
            keys.entries.values().removeIf(entry -> {
                boolean over = isOver(entry, now);
                if (over) {
                    keys.bytes -= entry.allBytes();
                    bytes -= entry.allBytes();
                }
                return over;
            });
            if (keys.entries.isEmpty()) {
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

    private boolean isFull(CallKey key) {
        long more = size(key);
        Keys keys = byId.get(key.id());
        return bytes + more > limits.bytes()
                || (keys != null
                        && (keys.entries.size() >= limits.keysOfId() || keys.bytes + more > limits.bytesOfId()));
    }

    private static long size(CallKey key) {
        return KEY_BYTES + 2L * (key.id().length() + key.key().length());
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
            if (keys.entries.isEmpty()) {
                byId.remove(key.id());
            }
        }
    }

    private void count(CallKey key, long more) {
        Keys keys = byId.get(key.id());
        if (keys != null) {
            keys.bytes += more;
        }
        bytes += more;
    }
}
