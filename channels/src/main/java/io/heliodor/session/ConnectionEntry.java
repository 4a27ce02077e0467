package io.heliodor.session;

import io.heliodor.session.lane.Entry;

/** A message for one connection, of no channel. */
final class ConnectionEntry extends Entry {
    private final Session<?> session;
    final byte[] message;

    ConnectionEntry(Session<?> session, byte[] message) {
        this.session = session;
        this.message = message;
    }

    @Override
    public void perform() {
        session.write(message);
    }

    @Override
    public int bytes() {
        return OVERHEAD + message.length;
    }

    @Override
    public void fault(Throwable fault) {
        session.fault(fault);
    }
}
