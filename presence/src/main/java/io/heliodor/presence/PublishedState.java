package io.heliodor.presence;

import io.heliodor.presence.crdt.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A published state, and the owners that have ended since then.
 *
 * <p>Immutable, apart from the cached result of reads. Any thread may use it.
 */
final class PublishedState<M> {
    private record End<M>(OwnerRegistration owner, PublishedState<M> before) {}

    /** The last end; null if no owner has ended since the state was published. */
    private final @Nullable End<M> last;

    /** The state without the owners that have ended; null until a read computes it. */
    private volatile @Nullable State<M> visible;

    private PublishedState(@Nullable End<M> last, @Nullable State<M> visible) {
        this.last = last;
        this.visible = visible;
    }

    static <M> PublishedState<M> of(State<M> state) {
        return new PublishedState<>(null, state);
    }

    /** This snapshot after the end of an owner. */
    PublishedState<M> without(OwnerRegistration owner) {
        return new PublishedState<>(new End<>(owner, this), null);
    }

    /** This snapshot after the ends of several owners. */
    PublishedState<M> without(List<OwnerRegistration> owners) {
        PublishedState<M> after = this;
        for (OwnerRegistration owner : owners) {
            after = after.without(owner);
        }
        return after;
    }

    /** Whether an owner has ended since the state was published. */
    boolean hasEnded() {
        return last != null;
    }

    /** The owners that have ended since an earlier snapshot of the same state. */
    @SuppressWarnings("ReferenceEquality") // two ends are the same if they are the same object
    List<OwnerRegistration> endedSince(PublishedState<M> earlier) {
        List<OwnerRegistration> owners = new ArrayList<>();
        for (End<M> end = last; end != null && end != earlier.last; end = end.before().last) {
            owners.add(end.owner());
        }
        return owners;
    }

    /** The state as it was published, with the owners that have ended. */
    State<M> base() {
        PublishedState<M> at = this;
        for (End<M> end = at.last; end != null; end = at.last) {
            at = end.before();
        }
        return Objects.requireNonNull(at.visible);
    }

    /** The state without the owners that have ended. */
    State<M> visible() {
        State<M> known = visible;
        return known != null ? known : compute();
    }

    /** Continues from the result of an earlier read, so that each end costs one removal, whatever the number of reads. */
    private State<M> compute() {
        List<Long> owners = new ArrayList<>();
        PublishedState<M> at = this;
        State<M> known = visible;
        while (known == null) {
            End<M> end = Objects.requireNonNull(at.last);
            owners.add(end.owner().number());
            at = end.before();
            known = at.visible;
        }
        State<M> computed = known.removeOwners(owners).state();
        visible = computed;
        return computed;
    }
}
