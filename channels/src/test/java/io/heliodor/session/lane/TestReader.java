package io.heliodor.session.lane;

import io.heliodor.limit.Limits;
import io.heliodor.session.budget.EndpointBudget;
import io.heliodor.session.budget.MemoryBudget;
import io.heliodor.session.telemetry.Counters;

/** A client of a {@link Lane} whose connection has ended: to resume it shows in the lane alone. */
final class TestReader {
    private TestReader() {}

    static FlowControl of(Lane lane) {
        ConnectionOwner owner = new ConnectionOwner() {
            @Override
            public boolean closed() {
                return true;
            }

            @Override
            public void fault(Throwable fault) {
                throw new AssertionError(fault);
            }

            @Override
            public void onLane(Runnable task) {
                throw new UnsupportedOperationException();
            }

            @Override
            public void sweepNext() {
                throw new UnsupportedOperationException();
            }

            @Override
            public void tooSlow(long bytes) {
                throw new UnsupportedOperationException();
            }
        };
        EndpointBudget budget = new EndpointBudget(
                () -> 0, Limits.openInternet().sessions(), 1 << 20, new MemoryBudget(1 << 20), new Counters());
        return new FlowControl(owner, budget, lane, null);
    }
}
