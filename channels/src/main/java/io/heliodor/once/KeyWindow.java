package io.heliodor.once;

import io.heliodor.counter.PartyBytes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The keys that a node has, with the states of their calls. Pure: the time and the members are parameters. Not thread-safe.
 */
public final class KeyWindow {
    /**
     * How long the responses to a claim count: an older claim is not executed, and a node that responded to it executes no call with
     * its key meanwhile, unless the claimant has nothing of it any more.
     */
    public static final long CLAIM_NANOS = 5_000_000_000L;

    /** A node that did not run for so long was paused: others may have excluded it. */
    static final long PAUSE_NANOS = 6_000_000_000L;

    /** How long a node asks also for members that left its view during its pause: an excluded node is merged within this time. */
    static final long RETURN_NANOS = 30_000_000_000L;

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

        /** The number of the claim, or of the copy. */
        long number;

        /** The time of the claim. */
        long claimedAt;

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

    private final RequiredResponses required;

    private long numbers;
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
        this.required = new RequiredResponses(self.node(), limits);
    }

    /**
     * The size of all keys and answers, and of the promises to other nodes.
     *
     * @return bytes
     */
    public long bytes() {
        return bytes.bytes() + required.bytes();
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
        required.ran(members, now);
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
        claimed.number = ++numbers;
        claimed.claimedAt = now;
        put(key, claimed);
        return new Finding.Claimed(claimed.number);
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

    /**
     * A claim of another node. A claim of this node yields to it if the name of the other one is less. If there is nothing of the key,
     * this promises that no call with it is executed here for {@link #CLAIM_NANOS} without asking the claimant, or is not sure if there is no
     * room for the promise.
     */
    public Finding claimedBy(String claimant, CallKey key, Fingerprint fingerprint, Set<String> members, long now) {
        Entry entry = live(key, now);
        if (entry != null
                && entry.state == State.CLAIMED
                && entry.fingerprint.equals(fingerprint)
                && claimant.compareTo(self.node()) < 0) {
            remove(key);
        }
        Finding found = find(key, fingerprint, members, now);
        return found instanceof Finding.Nothing ? required.promise(claimant, key, now) : found;
    }

    /**
     * Decides about a claim of which no other node has anything. It runs if it is granted.
     *
     * @param asked the names of the other nodes, all of which have responded
     * @return nothing if it is granted, not sure if the call must not be executed now, and the claim itself if it has yielded
     */
    public Finding grant(CallKey key, long claim, Set<String> asked, Set<String> members, long now) {
        required.ran(members, now);
        Entry entry = entry(key);
        if (entry == null || entry.state != State.CLAIMED || entry.number != claim) {
            return new Finding.Claimed(claim);
        }
        if (!required.areAmong(asked, key, entry.claimedAt, now) || isOld(entry, now)) {
            return new Finding.Unsure();
        }
        entry.state = State.RUNNING;
        return new Finding.Nothing();
    }

    /** Whether the responses to a claim may no longer hold: this node may have been paused, and excluded by the others. */
    private static boolean isOld(Entry entry, long now) {
        return now - entry.claimedAt >= CLAIM_NANOS;
    }

    /** Whether the handler of a granted call may run now, after the copy of its key was placed. */
    public boolean mayRun(CallKey key, long claim, long now) {
        Entry entry = entry(key);
        return entry != null && entry.state == State.RUNNING && entry.number == claim && !isOld(entry, now);
    }

    /** Gives up a claim whose call was not executed, unless it has yielded; or a copy of one that its owner has given up. */
    public void release(CallKey key, long number) {
        Entry entry = entry(key);
        if (entry != null && entry.state != State.ANSWERED && entry.number == number) {
            remove(key);
        }
    }

    /** The number of the copy of a call that another node executes; empty if this node has none. */
    public OptionalLong copy(CallKey key) {
        Entry entry = entry(key);
        return entry != null && entry.state == State.COPY ? OptionalLong.of(entry.number) : OptionalLong.empty();
    }

    /**
     * The call that runs here was answered. An answer beyond a limit is not kept, and is unknown to repeats.
     *
     * @param claim the number of its claim
     * @return whether the answer is kept as it is
     */
    public boolean answered(CallKey key, long claim, KeptAnswer answer, long now) {
        Entry entry = entry(key);
        if (entry == null || entry.state != State.RUNNING || entry.number != claim) {
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
     * @return nothing if it is kept, full if a limit is reached, and else what this node has of another owner
     */
    public Finding keep(KeptCall call, String from, long now) {
        CallKey key = call.key();
        Entry entry = live(key, now);
        if (entry != null && entry.state != State.CLAIMED && !entry.owner.equals(call.owner())) {
            return entry.answer == null ? new Finding.Running(entry.owner) : new Finding.Answered(entry.answer);
        }
        if ((entry != null && entry.state == State.ANSWERED) || call.owner().equals(self)) {
            return new Finding.Nothing(); // a late copy
        }
        if (entry == null && (isSuspended(key, now) || isFull(key, now))) {
            return new Finding.Full();
        }
        if (entry != null) {
            remove(key);
        }
        Entry copy = new Entry(call.fingerprint(), size(key), State.COPY, call.owner());
        copy.number = ++numbers;
        copy.holder = from;
        copy.copied = true;
        copy.expiry = now + 2 * limits.windowNanos(); // the owner renews it after one
        put(key, copy);
        call.answer().ifPresent(answer -> answer(key, copy, fits(key, answer, now) ? answer : KeptAnswer.UNKNOWN, now));
        return new Finding.Nothing();
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
        required.ran(members, now);
        required.sweep(now);
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
